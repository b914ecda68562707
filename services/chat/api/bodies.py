"""What may be sent."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, JsonValue, ValidationInfo, field_validator

from services.chat.domain.messages import (
    MAX_CONTENT,
    MAX_METADATA_BYTES,
    MAX_METADATA_DEPTH,
    Draft,
    compact,
)
from shared.visible import has_visible_character
from shared.web.bodies import RequestBody


class MessageBody(RequestBody):
    """A message from a client; `system` messages are the service's own."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"content": "Soup at noon?", "clientMessageId": "a-17"}],
            # Only a picture or a file says something without a word.
            "if": {"properties": {"type": {"const": "text"}}},
            "then": {"properties": {"content": {"minLength": 1}}},
        }
    )

    # Before the content, whose rule depends on it.
    type: Literal["text", "image", "file"] = "text"
    content: str = Field(
        max_length=MAX_CONTENT,
        json_schema_extra={"pattern": r"^[^\u0000]*$"},
        description="Of a `text`, at least one character is visible. Kept as sent.",
    )
    metadata: dict[str, JsonValue] | None = Field(
        default=None,
        description=f"At most {MAX_METADATA_BYTES} bytes as compact JSON, {MAX_METADATA_DEPTH} "
        "levels, without the character NUL.",
    )
    client_message_id: Annotated[str, Field(pattern="^[!-~]{1,64}$")] | None = Field(
        default=None,
        description="The client's own; sent again, it is answered with the first message.",
    )

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
