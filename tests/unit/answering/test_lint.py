from datetime import timedelta
from time import perf_counter

import pytest

from monitor.answering.lint import Gravity, LintContext, Rule, lint, stopped

PLACE = LintContext(
    platform="x",
    limit=280,
    domains=("lumo.example",),
    own=("by direct message or on +49 30 1234567",),
    earlier=(
        "We're sorry that your parcel has not arrived yet. Could you tell us the postcode by direct message? Ana",
    ),
)

FOUND = [
    # what everybody would read
    ("Write to bob.miller@gmail.com", Rule.MAIL_ADDRESS, "bob.miller@gmail.com"),
    ("Schreiben Sie an kim(at)web.de", Rule.MAIL_ADDRESS, "kim(at)web.de"),
    ("Écrivez à jean@orange.fr", Rule.MAIL_ADDRESS, "jean@orange.fr"),
    ("Is lumo.example@gmail.com yours?", Rule.MAIL_ADDRESS, "lumo.example@gmail.com"),
    ("Call me on +44 20 7946 0958", Rule.PHONE_NUMBER, "+44 20 7946 0958"),
    ("Rufen Sie 0171 2345678 an", Rule.PHONE_NUMBER, "0171 2345678"),
    ("Appelez le 06 12 34 56 78", Rule.PHONE_NUMBER, "06 12 34 56 78"),
    ("Llame al +34 612 345 678", Rule.PHONE_NUMBER, "+34 612 345 678"),
    ("Ring (030) 901820-0", Rule.PHONE_NUMBER, "(030) 901820-0"),
    ("Is 4111 1111 1111 1111 your card?", Rule.CARD_NUMBER, "4111 1111 1111 1111"),
    ("card 5500-0000-0000-0004", Rule.CARD_NUMBER, "5500-0000-0000-0004"),
    ("We pay to DE89 3704 0044 0532 0130 00", Rule.IBAN, "DE89 3704 0044 0532 0130 00"),
    ("IBAN FR1420041010050500013M02606", Rule.IBAN, "FR1420041010050500013M02606"),
    ("al ES9121000418450200051332", Rule.IBAN, "ES9121000418450200051332"),
    ("Your order 4711-0815 has left", Rule.ORDER_NUMBER, "4711-0815"),
    ("order number: AB123456", Rule.ORDER_NUMBER, "AB123456"),
    ("Ihre Bestellnummer AB-12345 fehlt", Rule.ORDER_NUMBER, "AB-12345"),
    ("Kundennummer 99120033", Rule.ORDER_NUMBER, "99120033"),
    ("votre commande n° 5566778", Rule.ORDER_NUMBER, "5566778"),
    ("su pedido nº 99887766", Rule.ORDER_NUMBER, "99887766"),
    # promises
    ("We guarantee that it works", Rule.PROMISE, "We guarantee"),
    ("This will never happen again", Rule.PROMISE, "will never happen again"),
    ("It'll be there without fail", Rule.PROMISE, "without fail"),
    ("We are 100% sure", Rule.PROMISE, "100%"),
    ("Wir versprechen Ihnen Besserung", Rule.PROMISE, "Wir versprechen"),
    ("Das wird garantiert klappen", Rule.PROMISE, "garantiert"),
    ("spätestens dann ist es da", Rule.PROMISE, "spätestens"),
    ("Nous vous garantissons que tout ira", Rule.PROMISE, "Nous vous garantissons"),
    ("Cela ne se reproduira plus", Rule.PROMISE, "ne se reproduira plus"),
    ("Le garantizamos que funciona", Rule.PROMISE, "garantizamos"),
    ("No volverá a pasar", Rule.PROMISE, "No volverá a pasar"),
    ("You'll get a full refund", Rule.MONEY_PROMISE, "You'll get a full refund"),
    ("The refund is with you by Friday", Rule.MONEY_PROMISE, "refund is with you by Friday"),
    ("Within 5 days we send your money back", Rule.MONEY_PROMISE, "Within 5 days we send your money back"),
    ("Wir erstatten Ihnen den Betrag", Rule.MONEY_PROMISE, "Wir erstatten"),
    ("Die Gutschrift kommt bis Freitag", Rule.MONEY_PROMISE, "Gutschrift kommt bis Freitag"),
    ("Vous serez remboursé intégralement", Rule.MONEY_PROMISE, "Vous serez remboursé"),
    ("Le remboursement arrive sous 5 jours", Rule.MONEY_PROMISE, "remboursement arrive sous 5"),
    ("Le devolveremos el importe", Rule.MONEY_PROMISE, "devolveremos"),
    ("El reembolso llega antes del viernes", Rule.MONEY_PROMISE, "reembolso llega antes del viernes"),
    # liability
    ("That was our fault", Rule.LIABILITY, "our fault"),
    ("We accept full responsibility", Rule.LIABILITY, "accept full responsibility"),
    ("We are liable for the damage", Rule.LIABILITY, "We are liable"),
    ("Wir haften dafür", Rule.LIABILITY, "Wir haften"),
    ("Das war unsere Schuld", Rule.LIABILITY, "unsere Schuld"),
    ("C'est notre faute", Rule.LIABILITY, "C'est notre faute"),
    ("Nous sommes responsables", Rule.LIABILITY, "Nous sommes responsables"),
    ("Es nuestra culpa", Rule.LIABILITY, "Es nuestra culpa"),
    ("Asumimos la responsabilidad", Rule.LIABILITY, "Asumimos la responsabilidad"),
    # links, gaps, looks
    ("See https://help.other.net/a", Rule.LINK, "https://help.other.net/a"),
    ("Look at bit.ly/x1", Rule.LINK, "bit.ly/x1"),
    ("on www.lumo-help.com now", Rule.LINK, "www.lumo-help.com"),
    ("http://lumo.example.evil.com/", Rule.LINK, "http://lumo.example.evil.com/"),
    ("https://lumo.example@evil.com/", Rule.LINK, "https://lumo.example@evil.com/"),
    ("Tell us the [order number] please", Rule.UNFILLED, "[order number]"),
    ("Hello {{ author }}", Rule.UNFILLED, "{{ author }}"),
    ("Dear <name>, thanks", Rule.UNFILLED, "<name>"),
    ("It is with TODO now", Rule.UNFILLED, "TODO"),
    ("PLEASE WRITE TO US NOW", Rule.SHOUTING, "PLEASE WRITE TO US NOW"),
    ("Look\u202ehere", Rule.HIDDEN_SIGNS, "\u202e"),
    ("Zero\u200bwidth", Rule.HIDDEN_SIGNS, "\u200b"),
]

CLEAN = [
    "We're sorry about the wait. Could you tell us {more}?".replace("{more}", "which model it is"),
    "See https://help.lumo.example/a and lumo.example.",
    "Write to help@lumo.example if you like.",
    "You can call us on +49 30 1234567.",
    "We're open from 9:00 to 18:00 on 12.11.2026.",
    "It has sold 1,234,567,890 times since 2019-2024.",
    "Version 10.2.3.4 mends it, 3.500.000 people have it.",
    "It costs 12.99 in place of 13.99.",
    "Please send us your order number by direct message.",
    "Bitte nennen Sie uns die Bestellnummer per Direktnachricht.",
    "Revisamos si todo es correcto y le respondemos.",
    "Nous regardons et revenons vers vous demain.",
    "Our team is on it; we come back to you today.",
    "USB-C and HDMI work with the TV, OK?",
    "We're sorry, that must have been a shock.",
    "Wir entschuldigen uns für die Störung.",
    "Gracias por todo.",
    "Our refund rules stand at lumo.example/returns.",
    "The number of the model is LX-200.",
]


@pytest.mark.parametrize(("text", "rule", "words"), FOUND, ids=[f"{rule}-{n}" for n, (_, rule, _) in enumerate(FOUND)])
def test_what_should_not_be_sent_is_found_with_its_place(text: str, rule: Rule, words: str) -> None:
    found = {(finding.rule, text[finding.start : finding.end]) for finding in lint(text, PLACE)}
    assert (rule, words) in found


@pytest.mark.parametrize("text", CLEAN)
def test_ordinary_answers_are_left_alone(text: str) -> None:
    assert lint(text, PLACE) == ()


def test_there_are_enough_texts() -> None:
    assert len(FOUND) + len(CLEAN) >= 60
    assert {rule for _, rule, _ in FOUND} == set(Rule) - {Rule.EMPTY, Rule.TOO_LONG, Rule.COPY}


@pytest.mark.parametrize("text", ["", "  \n "])
def test_nothing_is_not_sent(text: str) -> None:
    (finding,) = lint(text, PLACE)
    assert (finding.rule, finding.stops) == (Rule.EMPTY, True)


def test_personal_data_gaps_and_strange_links_stop_while_promises_are_for_the_person() -> None:
    by_rule = {rule: gravity for text, rule, _ in FOUND for gravity in [_gravity(text, rule)]}
    warns = {rule for rule, gravity in by_rule.items() if gravity is Gravity.WARNS}
    assert warns == {Rule.PROMISE, Rule.SHOUTING, Rule.HIDDEN_SIGNS, Rule.LIABILITY}


def test_liability_stops_beside_regret_and_where_a_class_asks_for_a_second_person() -> None:
    assert not stopped(lint("That was our fault.", PLACE))
    assert stopped(lint("We're sorry, that was our fault.", PLACE))
    assert stopped(lint("That was our fault.", LintContext(classed=True)))


def test_length_counts_as_the_platform_does() -> None:
    assert lint("a" * 280, PLACE) == ()
    (finding,) = lint("a" * 281, PLACE)
    assert (finding.rule, finding.start, finding.end) == (Rule.TOO_LONG, 280, 281)
    assert lint("a" * 281, LintContext(platform="reddit", limit=10_000)) == ()
    assert lint("a" * 300, LintContext(platform="forum")) == ()


def test_a_copy_of_an_earlier_answer_is_told_whatever_name_and_number_changed() -> None:
    copy = (
        "@kim We're sorry that your parcel has not arrived yet! Could you tell us the postcode by direct message? Ben"
    )
    own = "We're sorry to hear that. Which parcel is it, and when did you order? We'll look it up at once."
    assert [finding.rule for finding in lint(copy, PLACE)] == [Rule.COPY]
    assert lint(own, PLACE) == ()


def test_findings_come_in_the_order_of_the_text() -> None:
    found = lint("We guarantee it, write to a@b.com or call 0171 2345678 [name]", PLACE)
    assert [finding.rule for finding in found] == [Rule.PROMISE, Rule.MAIL_ADDRESS, Rule.PHONE_NUMBER, Rule.UNFILLED]
    assert all(finding.advice for finding in found)


@pytest.mark.parametrize(
    "piece", ["refund ", "by ", "1 ", "a.b", "@", "order 1", "[", "we ", "D8 ", "http://", "\u202e"]
)
def test_a_hostile_text_costs_bounded_time(piece: str) -> None:
    text = (piece * 20_000)[:20_000]
    begun = perf_counter()
    found = lint(text, PLACE)
    assert perf_counter() - begun < timedelta(seconds=3).total_seconds()
    assert any(finding.rule is Rule.TOO_LONG for finding in found)


def _gravity(text: str, rule: Rule) -> Gravity:
    return next(finding.gravity for finding in lint(text, PLACE) if finding.rule is rule)
