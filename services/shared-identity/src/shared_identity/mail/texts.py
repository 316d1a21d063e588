"""What letters say, in French; `locales/*.po` say it in other languages."""

from collections.abc import Mapping

from shared_identity.mail.domain import Kind
from shared_identity.mail.event_texts import EVENT_WORDS
from shared_identity.mail.words import Words
from shared_identity.mail.words import marked as _

WORDS: Mapping[Kind, Words] = {
    Kind.VERIFY_EMAIL: Words(
        subject=_("Confirmez votre adresse"),
        reason=_("Vous avez créé un compte avec cette adresse. Il reste à confirmer qu’elle est bien la vôtre."),
        action=_("Confirmer mon adresse"),
        path="/verifier",
        note=_("Ce lien sert une seule fois, dans les 24 heures. Vous n’avez rien demandé ? N’ouvrez pas le lien."),
    ),
    Kind.ALREADY_REGISTERED: Words(
        subject=_("Vous avez déjà un compte"),
        reason=_("Une inscription vient d’être demandée avec cette adresse, qui a déjà un compte."),
        action=_("Me connecter"),
        path="/",
        note=_("Vous n’avez rien demandé ? Vous pouvez ignorer ce message : rien n’a changé."),
    ),
    Kind.RESET_PASSWORD: Words(
        subject=_("Choisissez un nouveau mot de passe"),
        reason=_("Un nouveau mot de passe a été demandé pour votre compte."),
        action=_("Choisir un mot de passe"),
        path="/nouveau-mot-de-passe",
        note=_("Ce lien sert une seule fois, dans les 24 heures. Vous n’avez rien demandé ? N’ouvrez pas le lien."),
    ),
    Kind.SIGN_IN_LINK: Words(
        subject=_("Votre lien de connexion"),
        reason=_("Voici le lien que vous avez demandé pour vous connecter."),
        action=_("Me connecter"),
        path="/lien",
        note=_("Ce lien sert une seule fois, dans les 20 minutes. Vous n’avez rien demandé ? N’ouvrez pas le lien."),
    ),
    Kind.REGISTER: Words(
        subject=_("Vous n’avez pas encore de compte"),
        reason=_("Un lien de connexion a été demandé pour cette adresse, qui n’a pas encore de compte."),
        action=_("Créer un compte"),
        path="/inscription",
        note=_("Vous n’avez rien demandé ? Vous pouvez ignorer ce message : rien n’a changé."),
    ),
    **EVENT_WORDS,
}
