from django.apps import AppConfig


class ModerationConfig(AppConfig):
    name = "moderation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from chat.actions.acts import account_shut_out, staff_acted
        from chat.delivery import cleanup
        from chat.delivery.rounds import beside
        from chat.push import upkeep
        from moderation.actions import overdue
        from moderation.actions.announcing import look_anew
        from moderation.actions.completing import Completing
        from moderation.actions.forgetting import forget_cases
        from moderation.actions.forgetting_talks import forget_talks
        from moderation.actions.log import record_act

        staff_acted.connect(record_act, dispatch_uid="the audit log")
        account_shut_out.connect(look_anew, dispatch_uid="cases of who was shut out")
        beside.append(Completing().look)
        cleanup.forgetters += [forget_cases, forget_talks]
        upkeep.rounds += [
            overdue.call_for_overdue_cases,
            overdue.call_for_overdue_answers,
            overdue.call_for_overdue_turns,
            overdue.call_for_long_waits,
            overdue.call_for_overdue_seconds,
            overdue.call_for_overdue_appeals,
        ]
