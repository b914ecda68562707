"""What the notifier refuses."""

from shared.errors import FieldError, Invalid, NotFound, Unavailable


class NotificationNotFound(NotFound):
    code = "notification_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such notification in your inbox.")


class CursorRefused(Invalid):
    code = "cursor_refused"

    def __init__(self, message: str) -> None:
        super().__init__("The cursor is not right; see `errors`.", [FieldError("cursor", message)])


class DeletionUnknown(NotFound):
    code = "deletion_unknown"

    def __init__(self) -> None:
        super().__init__("The deletion of this message has not arrived here.")


class Draining(Unavailable):
    code = "draining"

    def __init__(self) -> None:
        super().__init__("This replica is stopping. Connect again.")
