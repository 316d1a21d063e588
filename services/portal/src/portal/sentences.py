"""What each reason means for a visitor: what happened, and what to do next. French is the source."""

from portal.i18n import N_

SENTENCES: dict[str, str] = {
    # people and sign-in
    "WEAK_PASSWORD": N_(
        "Ce mot de passe est trop facile à deviner : choisissez au moins 12 caractères, et rien de courant."
    ),
    "UNKNOWN_CODE": N_("Ce lien ne vaut plus : il a déjà servi, ou il est trop ancien. Demandez-en un nouveau."),
    "UNKNOWN_CHALLENGE": N_("Cette demande de connexion a expiré. Recommencez la connexion."),
    "WRONG_CREDENTIALS": N_("L'adresse ou le mot de passe ne convient pas. Vérifiez, ou demandez un lien par e-mail."),
    "TOO_MANY_TRIES": N_("Trop d'essais de suite pour cette adresse. Attendez un quart d'heure, puis réessayez."),
    "SESSION_OVER": N_("Votre connexion a pris fin. Connectez-vous de nouveau."),
    "SIGN_IN_REFUSED": N_("La connexion n'a pas abouti. Recommencez."),
    "PROVIDER_AWAY": N_(
        "L'identité partagée ne répond pas : les nouvelles connexions attendent. Réessayez dans un moment."
    ),
    "CROSS_SITE": N_("Ce formulaire vient d'un autre site : par prudence, rien n'a été fait."),
    # structures, agreements
    "UNKNOWN_STRUCTURE": N_("Nous ne connaissons pas cette structure."),
    "SERVICE_NOT_RUN": N_("Cette structure ne propose pas ce service."),
    "NOT_A_PARTY": N_("Votre structure ne fait pas partie de cette convention."),
    "UNKNOWN_AGREEMENT": N_("Nous ne trouvons pas cette convention."),
    "ALREADY_SIGNED": N_("Votre structure a déjà signé cette convention."),
    "LAST_ADMIN": N_("C'est la dernière personne qui administre : donnez d'abord ce rôle à quelqu'un d'autre."),
    # the directory
    "UNKNOWN_ENTRY": N_("Nous ne trouvons pas cette fiche, ou elle n'est plus montrée."),
    "DIRECTORY_NOT_READY": N_("L'annuaire se prépare. Réessayez dans un moment."),
    "ENTRY_KIND_MISSING": N_("Dites de quoi parle la fiche : une personne, un projet, une organisation ou un lieu."),
    "ENTRY_EXISTS": N_("Vous avez déjà une fiche : modifiez-la plutôt."),
    "KIND_FIXED": N_("Une fiche ne change pas de nature. Créez-en une autre."),
    "TOO_MANY_ENTRIES": N_("Vous avez déjà beaucoup de fiches. Retirez-en une d'abord."),
    "NOT_YOUR_STRUCTURE": N_("Il faut faire partie d'une structure, ou de son équipe, pour créer cette fiche."),
    "STRUCTURE_NOT_YOURS": N_("Choisissez parmi les structures dont vous faites partie."),
    "FIELD_UNKNOWN": N_("Cette fiche n'a pas ce champ."),
    "FIELD_REPEATED": N_("Ce champ est rempli deux fois."),
    "NAME_MISSING": N_("Donnez un nom à la fiche."),
    "VALUES_TOO_MANY": N_("C'est trop : gardez l'essentiel."),
    "AUDIENCE_MISSING": N_("Dites qui peut voir ce champ."),
    "THEME_UNKNOWN": N_("Choisissez un thème de la liste."),
    "STAGE_UNKNOWN": N_("Choisissez une étape de la liste."),
    "WEBSITE_MALFORMED": N_("Une adresse de site commence par https://."),
    "VIEWER_MISSING": N_("Dites pour qui est l'aperçu."),
    # programmes, applications, projects
    "UNKNOWN_PROGRAMME": N_("Nous ne trouvons pas ce dispositif."),
    "UNKNOWN_COHORT": N_("Nous ne trouvons pas cette promotion."),
    "UNKNOWN_PROJECT": N_("Nous ne trouvons pas ce projet."),
    "UNKNOWN_STAGE": N_("Cette étape n'est pas dans le parcours de ce dispositif."),
    "UNKNOWN_APPLICATION": N_("Nous ne trouvons pas cette candidature."),
    "ALREADY_APPLIED": N_("Vous avez déjà une candidature en attente pour ce dispositif."),
    "ALREADY_DECIDED": N_("Cette candidature a déjà reçu sa réponse."),
    "COHORT_FULL": N_("Cette promotion est complète. Choisissez-en une autre."),
    "PROJECT_EXITED": N_("Ce projet est sorti du dispositif."),
    "STALE_ETAG": N_("Quelqu'un l'a modifié entre-temps. Relisez ci-dessous, puis recommencez."),
    # places, bookings, the door
    "UNKNOWN_PLACE": N_("Nous ne trouvons pas ce lieu."),
    "UNKNOWN_RESOURCE": N_("Nous ne trouvons pas cet espace."),
    "UNKNOWN_BOOKING": N_("Nous ne trouvons pas cette réservation."),
    "RESOURCE_ALREADY_BOOKED": N_("Cet espace vient d'être pris à ces heures. Choisissez un autre créneau."),
    "OUTSIDE_OPENING_HOURS": N_("Le lieu est fermé à ces heures. Choisissez un créneau dans les heures d'ouverture."),
    "OFF_THE_GRID": N_("Les heures vont par quarts d'heure : 9 h 00, 9 h 15, 9 h 30…"),
    "IN_THE_PAST": N_("Ce créneau est déjà passé. Choisissez-en un à venir."),
    "TOO_FAR_AHEAD": N_("On peut réserver jusqu'à un an à l'avance."),
    "TOO_LONG": N_("Une réservation tient dans une journée."),
    "NO_HALF_DAYS_LEFT": N_(
        "Il ne vous reste pas assez de demi-journées ce mois-ci. Raccourcissez, changez de mois ou payez le prix."
    ),
    "ALREADY_CHECKED_IN": N_("La personne est déjà arrivée : cette réservation ne change plus."),
    "CARD_FORGED": N_("Ce code n'est pas celui d'une carte du groupement. Relisez-le."),
    "CARD_EXPIRED": N_("Cette carte a expiré. La personne peut en demander une nouvelle sur son tableau de bord."),
    "CARD_REVOKED": N_("Cette carte a été remplacée : demandez la nouvelle."),
    "NO_BOOKING_NOW": N_("Rien n'est réservé ici par cette personne dans la demi-heure."),
    # what is typed into a form
    "FIELD_MISSING": N_("Remplissez ce champ."),
    "FIELD_TOO_LONG": N_("C'est trop long. Raccourcissez."),
    "FIELD_OUT_OF_RANGE": N_("Ce nombre sort des limites."),
    "TEXT_UNPRINTABLE": N_("Ce texte contient des caractères qu'on ne peut pas afficher. Retapez-le."),
    "EMAIL_MALFORMED": N_("Écrivez une adresse e-mail complète, par exemple prenom@exemple.fr."),
    "MALFORMED_EMAIL": N_("Écrivez une adresse e-mail complète, par exemple prenom@exemple.fr."),
    "PHONE_MALFORMED": N_("Écrivez un numéro de téléphone, par exemple 06 12 34 56 78."),
    "NAME_MISSING": N_("Écrivez un nom."),
    "NAME_MALFORMED": N_("Écrivez un nom de 100 caractères au plus, sur une ligne."),
    "PASSWORD_TOO_LONG": N_("Un mot de passe a 256 caractères au plus."),
    "DAY_MALFORMED": N_("Écrivez un jour, par exemple 2026-11-30."),
    "MONTH_MALFORMED": N_("Écrivez un mois, par exemple 2026-11."),
    "PAGE_TOKEN_INVALID": N_("Cette suite de liste ne vaut plus. Reprenez au début."),
    "ENDS_BEFORE_IT_STARTS": N_("La fin doit venir après le début."),
    "EXIT_IN_FUTURE": N_("Une sortie s'enregistre une fois qu'elle a eu lieu : choisissez aujourd'hui ou avant."),
    "EXIT_BEFORE_BEGINNING": N_("La sortie ne peut pas précéder l'admission."),
    "EXIT_REASON_UNKNOWN": N_("Choisissez une raison."),
    "COHORT_OF_ANOTHER_PROGRAMME": N_("Cette promotion suit un autre dispositif. Choisissez-en une du bon dispositif."),
    "CLAUSE_MISSING": N_("Une convention accorde quelque chose : ajoutez une clause."),
    "AGREEMENT_ENDED": N_("Cette convention a pris fin, ou son dernier jour est fixé."),
    # who may
    "ROLE_REQUIRED": N_("Votre rôle dans cette structure ne le permet pas."),
    "NOT_ON_THE_TEAM": N_("Cette page est réservée à l'équipe de la structure."),
    # the house
    "UNEXPECTED": N_("Quelque chose s'est mal passé de notre côté. C'est noté ; réessayez dans un moment."),
    "DATABASE_BUSY": N_("Beaucoup de monde écrit en même temps. Réessayez dans un instant."),
    "REQUEST_ID_REUSED": N_("Ce formulaire a déjà été envoyé avec d'autres réponses. Vérifiez, puis renvoyez-le."),
}
