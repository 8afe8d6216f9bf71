from django.apps import AppConfig


class ModerationConfig(AppConfig):
    name = "moderation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from chat.actions.acts import staff_acted
        from chat.push import upkeep
        from moderation.actions.calls import call_for_overdue_cases
        from moderation.actions.log import record_act

        staff_acted.connect(record_act, dispatch_uid="the audit log")
        upkeep.rounds.append(call_for_overdue_cases)
