"""What each figure of a report means. The one place: pages, mails, `docs/reference/figures.md` and tests read it."""

from collections.abc import Mapping

from monitor.report.figure import Definition, Unit

_ANSWERABLE = "cases that ask for an answer: not praise, not dismissed, not found by looking back"
_SIGHT = "answered outside our sight (resolved, and no answer recorded or seen)"
_OLD = "found by looking back: history when we first read it, or wanted by a watch that came later"

DEFINITIONS: Mapping[str, Definition] = {
    entry.key: entry
    for entry in (
        Definition(
            "first_reply_p50", "First reply, median", Unit.SECONDS, "lower",
            "Half of the customers who were answered had our first reply this soon after they wrote.",
            f"The median of first reply less post, over the {_ANSWERABLE}, that were answered; a holding reply is a "
            "reply. A rank between two cases is the mean of both by its distance (linear interpolation). Split by the "
            "platform, by the level that the case opened with, and by the hour of the post in the report's zone.",
            f"Cases still waiting, {_SIGHT}, or {_OLD}.",
        ),
        Definition(
            "first_reply_p90", "First reply, 9 in 10", Unit.SECONDS, "lower",
            "Nine in ten of the customers who were answered had our first reply this soon after they wrote.",
            "As the median, at the 90th percentile.",
            f"Cases still waiting, {_SIGHT}, or {_OLD}.",
        ),
        Definition(
            "sla_share", "Answered in time", Unit.SHARE, "higher",
            "The share of cases whose first reply kept the promise of the level that they opened with.",
            f"Cases first answered at or before their first due time / {_ANSWERABLE}, that were answered or are past "
            "that time. Reopening, raising and escalating a case move a later due time, never this one.",
            f"Cases not yet due, {_SIGHT}, or {_OLD}.",
        ),
        Definition(
            "unanswered", "Still unanswered", Unit.COUNT, "lower",
            "Cases of this span that wait for a first reply when the report is made.",
            f"{_ANSWERABLE[0].upper()}{_ANSWERABLE[1:]}, that are open and were never answered. n is all of them.",
            f"Cases {_SIGHT}, or {_OLD}.",
        ),
        Definition(
            "chain_p50", "A link of the chain, median", Unit.SECONDS, "lower",
            "How long each step from the post to our first reply took, for half of the cases.",
            "The median of: posted to fetched, fetched to decided, decided to notified (the first message about the "
            "case, or about its incident, that was sent), notified to claimed (decided to claimed where nobody was to "
            f"be told), claimed to replied. Over the {_ANSWERABLE}.",
            "Cases for which one of the two moments is unknown, has not come, or came in the other order, such as a "
            "case that was claimed before anybody was told.",
        ),
        Definition(
            "chain_p90", "A link of the chain, 9 in 10", Unit.SECONDS, "lower",
            "How long each step from the post to our first reply took, for nine in ten of the cases.",
            "As the median, at the 90th percentile.",
            "As of the median.",
        ),
        Definition(
            "breaches", "Late first replies, by whose it was", Unit.COUNT, "lower",
            "Cases that were answered late, or are late and unanswered, by who had them for the longest.",
            "A late case's time from the post to its first reply (to now where there is none) has three parts: the "
            "platform's from posted to fetched, ours from fetched to notified (to decided where nobody was told), the "
            "team's from then on. The breach is that of the longest part. Time in which this program was not running "
            "is in the platform's part; coverage tells how much that was.",
            f"Cases not yet due, {_SIGHT}, or {_OLD}: none of them counts as late.",
        ),
        Definition(
            "first_contact_resolution", "Settled by the first reply", Unit.SHARE, "higher",
            "The share of answered cases that one reply settled.",
            "Cases without another reply (later than 15 minutes after the first: an answer may take several posts) and "
            "without a negative word of the customer, both within 7 days of the first reply, / "
            f"{_ANSWERABLE}, first answered at least 7 days ago. A negative word is a further complaint, or words that "
            "are angry or angrier than before, as far as our sources return them.",
            f"Cases answered less than 7 days ago, {_SIGHT}, or {_OLD}.",
        ),
        Definition(
            "reopen_rate", "Reopened", Unit.SHARE, "lower",
            "The share of answered or resolved cases that came back.",
            "Cases that went from answered or resolved back to work at least once / cases that were answered or "
            "resolved at least once, dismissed ones left out. A dismissal that was taken back is no reopening.",
            "None.",
        ),
        Definition(
            "cases", "Cases", Unit.COUNT, "",
            "Work that the posts of this span made, by what kind of post began it.",
            "Cases whose first post was written in the span, by kind. Dismissed ones are among them.",
            "None.",
        ),
        Definition(
            "dismissed_share", "Dismissed", Unit.SHARE, "lower",
            "The share of cases that a person closed because they needed no answer; no other figure counts them late.",
            "Dismissed cases / cases.",
            "None.",
        ),
        Definition(
            "volume", "Posts", Unit.COUNT, "",
            "Posts about the brand that were written in the span. Noise is left out.",
            "Posts that became or joined a case, or that were dropped as no complaint, one for each brand that they "
            "are about. Split by platform, brand and language.",
            "Posts of the span that wait for a decision or could not be decided.",
        ),
        Definition(
            "complaint_share", "Complaints among posts", Unit.SHARE, "lower",
            "How much of what was written about the brand was complaint.",
            "Posts decided to be a complaint / posts, both as under Posts. n is the posts.",
            "Posts of the span that wait for a decision or could not be decided.",
        ),
        Definition(
            "repeat_complainers", "Complained more than once", Unit.SHARE, "lower",
            "The share of complaining authors who had to open a second case.",
            "Authors with two or more cases of complaint in the span / authors with at least one; dismissed cases left "
            "out. An author is an account on a platform, as one brand sees it. n is the authors.",
            "Cases of complaint whose author was erased.",
        ),
        Definition(
            "recovered_authors", "Won back", Unit.SHARE, "higher",
            "The share of answered complainers who wrote again and were calmer.",
            "Authors whose latest words after a reply of ours were calmer than those before / authors of answered "
            "cases of complaint. Whoever is silent counts among the latter, never as won back.",
            "Authors who wrote again in words that could not be compared, and cases whose author was erased.",
        ),
        Definition(
            "silent_authors", "Silent after our reply", Unit.SHARE, "",
            "The share of answered complainers of whom we read nothing more: content, resigned or gone.",
            "Authors of answered cases of complaint without a later word that our sources returned / such authors.",
            "Cases whose author was erased.",
        ),
        Definition(
            "churn_threats", "Threats to leave", Unit.COUNT, "lower",
            "Cases in which the customer says that they will cancel or change to somebody else.",
            "Cases with the severity class churn that were not dismissed. n is all cases not dismissed. Split by brand "
            "and platform.",
            "None.",
        ),
        Definition(
            "causes", "Complaints by cause", Unit.COUNT, "lower",
            "What the complaints were about, week by week.",
            "Cases of complaint that were not dismissed, by the cause that they have now, in all and by the week "
            "(from Monday, in the report's zone) of their first post.",
            "Cases of complaint without a cause.",
        ),
        Definition(
            "recurrence", "What is left of a fixed cause", Unit.SHARE, "lower",
            "Complaints a day about a cause after its fix, as a share of those before it.",
            "Cases of complaint of the fix's cause and brand a day from the day of the fix on, until the end of the "
            "span and at most 28 days / the same of the 28 days before it. n is the cases after.",
            "Unknown for a fix less than 7 days before the end, or without a complaint before it.",
        ),
        Definition(
            "forward_resolution", "Fixes that hold", Unit.SHARE, "higher",
            "The share of fixed causes of which little came back.",
            "Fixes with a recurrence of at most 25 % / fixes of the 90 days before the end of the span whose "
            "recurrence is known.",
            "Fixes whose recurrence is not known.",
        ),
        Definition(
            "estimated_misses", "Missed complaints (estimate)", Unit.COUNT, "lower",
            "How many complaints we dropped, as the recall sample tells, with the interval that holds 95 times in 100.",
            "The estimate of the recall sample over the draws that end in the span: each answer stands for the drops "
            "that it was drawn from. n is the answers; below 60 of them, unless they are about every drop, there is no "
            "estimate.",
            "Drops that were drawn and not answered with yes or no.",
        ),
        Definition(
            "coverage", "Time heard", Unit.SHARE, "higher",
            "The share of the span in which a source was heard.",
            "1 - (time in gaps and blind windows of the ledger, overlaps once) / (the span since the source was first "
            "read). The whole is the mean of the sources by time. n is the sources.",
            "Sources that were not read at all in the span.",
        ),
        Definition(
            "handling_p50", "Handling time, median", Unit.SECONDS, "lower",
            "How long a person had a case until it was answered, for half of the cases.",
            "The time in which somebody had claimed the case until its first reply, or its first resolution where it "
            "was not answered; several claims are added up, the time between them is not. Not counted: later rounds.",
            "Cases that were answered or resolved without a claim.",
        ),
        Definition(
            "handling_p90", "Handling time, 9 in 10", Unit.SECONDS, "lower",
            "How long a person had a case until it was answered, for nine in ten of the cases.",
            "As the median, at the 90th percentile.",
            "As of the median.",
        ),
        Definition(
            "cost_per_case", "Cost of a case", Unit.MONEY, "lower",
            "What the working time of a case costs.",
            "`cost_per_hour` x the mean handling time. None where `cost_per_hour` is not set.",
            "As of the handling time.",
        ),
        Definition(
            "cost_per_complaint", "Cost of a confirmed complaint", Unit.MONEY, "lower",
            "What it costs to hear of a complaint and to handle it.",
            "(`cost_per_hour` x the handling time of all cases of complaint, dismissed ones too, + posts returned x "
            "the price of a post, source by source, of the days in UTC whose noon lies in the span) / confirmed "
            "complaints: cases of complaint that a person has claimed, answered or resolved, and not dismissed. For "
            "one brand, its share of the posts is its share of the price. None where `cost_per_hour` is not set. n is "
            "the confirmed complaints.",
            "Cases that were answered or resolved without a claim: their working time is not in the sum.",
        ),
    )
}  # fmt: skip
"""By key, in the order in which a report shows them."""
