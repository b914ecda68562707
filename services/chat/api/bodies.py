"""What may be sent."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue, ValidationInfo, field_validator

from services.chat.domain.messages import MAX_CONTENT, Draft, compact, has_visible_character
from shared.web.bodies import RequestBody


class MessageBody(RequestBody):
    """A message from a client; `system` messages are the service's own."""

    # Before the content, whose rule depends on it.
    type: Literal["text", "image", "file"] = "text"
    content: str = Field(max_length=MAX_CONTENT)
    metadata: dict[str, JsonValue] | None = None
    client_message_id: Annotated[str, Field(pattern="^[!-~]{1,64}$")] | None = None

    @field_validator("content")
    @classmethod
    def _shows_something(cls, text: str, info: ValidationInfo) -> str:
        if "\0" in text:
            raise ValueError("must not contain the character NUL")
        if info.data.get("type") == "text" and not has_visible_character(text):
            raise ValueError("must have at least one visible character")
        return text

    @field_validator("metadata")
    @classmethod
    def _fits(cls, metadata: dict[str, JsonValue] | None) -> dict[str, JsonValue] | None:
        if metadata is not None:
            compact(metadata)
        return metadata

    def draft(self) -> Draft:
        metadata = None if self.metadata is None else compact(self.metadata)
        return Draft(self.content, self.type, metadata, self.client_message_id)
