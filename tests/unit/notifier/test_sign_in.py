"""Who a name belongs to, when people sign in by name alone."""

import jwt
import pytest

from services.notifier.actions.sign_in import Issuer, local_user_id, sign_in
from shared.web.identity import USER_ID

ISSUER = Issuer("a secret of thirty-two characters", "circles-local", "circles", 60)


@pytest.mark.parametrize(
    ("name", "user_id"),
    [
        ("Alice", "alice"),
        ("Zoë  van Dyk", "zoe-van-dyk"),
        ("R2 -- D2!", "r2-d2"),
        ("Jörg, Jr.", "jorg-jr"),
        ("李雷", "u674eu96f7"),
        ("Ünal 👋", "unal"),
    ],
)
def test_a_name_is_the_same_person_each_time(name: str, user_id: str) -> None:
    assert local_user_id(name) == user_id
    assert USER_ID.fullmatch(user_id)


@pytest.mark.parametrize("name", ["👋", "...", "李" * 30])
def test_a_name_that_makes_no_id_says_why(name: str) -> None:
    with pytest.raises(ValueError, match=r"letter or digit|too long"):
        local_user_id(name)


def test_the_token_says_who_and_how_they_are_called() -> None:
    made = sign_in(ISSUER, "Zoë")
    claims = jwt.decode(
        made.text, ISSUER.secret, algorithms=["HS256"], audience="circles", issuer="circles-local"
    )
    assert (claims["sub"], claims["name"]) == ("zoe", "Zoë") == (made.user_id, made.name)
    assert claims["exp"] - claims["iat"] == made.expires_in == 60
