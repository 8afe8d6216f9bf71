from django.apps import AppConfig


class ModerationConfig(AppConfig):
    name = "moderation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from chat.push import upkeep
        from moderation.actions.calls import call_for_overdue_cases

        upkeep.rounds.append(call_for_overdue_cases)
