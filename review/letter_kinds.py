"""The letters of peer review, and the placeholders that only they have. Their texts stand in `templates/letters/`."""

from editorial.letter_words import AUTHORS, DESK, Kind, Word

REFEREE = "The referee"
REFEREES = "Each referee of the round"
MANAGING = "The managing editors"

WORDS = (
    Word("in brief", "The In Brief of the piece, as the referee may read it before the answer.", ("An In Brief of two or three sentences.",)),
    Word("who wrote it", "The authors’ names, where the round shows them. Else its paragraph falls away.", ("", "The piece is by Alice Marlowe.")),
    Word("who sees what", "A sentence: who sees whose name in this round.",
        ("You will not see who wrote it, and the author will not see who you are.", "You see who wrote it; the author will not see who you are.")),
    Word("answer by", "The day by which the invitation should be answered.", ("3 March 2027",)),
    Word("review by", "The day by which the review is wanted.", ("17 March 2027",)),
    Word("how long", "The length of the piece: words and minutes.", ("820 words, a 5 minute read",)),
    Word("again", "A sentence for somebody who reviewed an earlier round. Without one, its paragraph falls away.",
        ("", "You reviewed an earlier version. You will see what changed since, and the author’s response.")),
    Word("the reason", "What was given as the reason. Without one, its paragraph falls away.", ("", "The reason that was given stands here.")),
    Word("the decision", "A sentence: what was decided about the piece.", ("The piece was accepted.", "The author was asked to revise it.")),
    Word("who", "How the referee is called at the desk.", ("Rita Referee",)),
    Word("who expects", "“With referees; we expect to answer by …”, for authors.", ("We expect to answer by 17 March 2027.",)),
)  # fmt: skip

_PIECE = ("in brief", "who wrote it", "who sees what", "how long", "review by")

KINDS = (
    Kind("sent_to_review", "With referees", "When a piece is sent to referees.", AUTHORS, own=("message", "who expects"), sometimes=("message",)),
    Kind("answer_later", "We answer later than we said", "When an editor moves the day by which authors are told to expect an answer, and asks for this letter.", AUTHORS,
        own=("who expects",), needed=("who expects",)),
    Kind("review_released", "A late review", "When a review that came after the decision is handed on to the author.", AUTHORS, needed=("link",)),
    Kind("referee_invited", "Will you review?", "When a referee is invited. Its link is for this person alone.", REFEREE,
        own=(*_PIECE, "answer by", "again"), needed=("link", "answer by"), sometimes=("who wrote it", "again"), names_referee=True),
    Kind("referee_answer_reminder", "Will you review? A reminder", "When an invitation was not answered, by itself.", REFEREE,
        own=("who wrote it", "how long", "how late"), needed=("link",), sometimes=("who wrote it",), names_referee=True),
    Kind("referee_review_reminder", "Your review: a reminder", "Before, on and after the day a review is due, by itself.", REFEREE,
        own=("how late",), needed=("link",), names_referee=True),
    Kind("referee_accepted", "Thank you for agreeing", "When a referee agrees to review.", REFEREE, own=("review by",), needed=("link", "review by"), names_referee=True),
    Kind("referee_thanked", "Your review arrived", "When a review is sent.", REFEREE, needed=("link",), names_referee=True),
    Kind("referee_cant", "You can’t review: thank you", "When a referee can’t review. The link undoes it.", REFEREE, needed=("link",), names_referee=True),
    Kind("referee_cancelled", "We no longer need your review", "When an invitation or a review is cancelled.", REFEREE, own=("the reason",), sometimes=("the reason",), names_referee=True, has_link=False),
    Kind("referee_returned", "A question about your review", "When an editor gives a review back for a fix.", REFEREE, own=("the reason",), needed=("the reason", "link"), names_referee=True),
    Kind("referee_due", "Another day for your review", "When an editor sets another day.", REFEREE, own=("review by",), needed=("review by", "link"), names_referee=True),
    Kind("referee_link", "A new link to your review", "When a referee asks for a new link.", REFEREE, needed=("link",), names_referee=True),
    Kind("referee_told", "What was decided", "When a round is decided, to those who reviewed.", REFEREES, own=("the decision",), needed=("the decision",), names_referee=True),
    Kind("referee_agreed_desk", "A referee agreed", "When a referee agrees to review.", DESK, own=("who", "review by"), names_referee=True),
    Kind("referee_cant_desk", "A referee can’t review", "When a referee can’t review.", DESK, own=("who", "the reason"), needed=("link",), sometimes=("the reason",), names_referee=True),
    Kind("review_sent_desk", "A review arrived", "When a review is sent.", DESK, own=("who",), needed=("link",), names_referee=True),
    Kind("more_time_desk", "A referee asks for more time", "When a referee asks for another day.", DESK, own=("who", "review by", "the reason"), needed=("link",), sometimes=("the reason",), names_referee=True),
    Kind("decision_handed", "A draft decision for you", "When an editor hands a draft decision over.", MANAGING, own=("who", "the reason"), needed=("link",), sometimes=("the reason",), names_referee=True),
)  # fmt: skip
