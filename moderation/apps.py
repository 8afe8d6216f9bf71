from django.apps import AppConfig


class ModerationConfig(AppConfig):
    name = "moderation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from chat.actions.acts import account_shut_out, staff_acted
        from chat.push import upkeep
        from moderation.actions.announcing import look_anew
        from moderation.actions.calls import call_for_overdue_answers, call_for_overdue_cases, call_for_overdue_turns
        from moderation.actions.log import record_act

        staff_acted.connect(record_act, dispatch_uid="the audit log")
        account_shut_out.connect(look_anew, dispatch_uid="cases of who was shut out")
        upkeep.rounds += [call_for_overdue_cases, call_for_overdue_answers, call_for_overdue_turns]
