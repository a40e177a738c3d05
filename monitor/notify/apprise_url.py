"""Which of Apprise's services may be used: chat, paging and push. Others run programs, reach the desktop or publish."""

_NAMES = """
bark barks betterstack dingtalk discord feishu firehydrant flock gchat goalert goalerts gotify gotifys guilded ilert
incidentio lark line matrix matrixs mmost mmosts msteams ncloud nclouds nctalk nctalks ntfy ntfys opsgenie pagerduty
pagertree pbul pover prowl pushy revolt rocket rockets ryver signal signals signl4 simplepush slack spike splunk
squadcast synology synologys tgram threema twilio twist victorops vonage webex wecombot whatsapp workflow workflows
wxteams xmatters zoom zulip
"""

SCHEMES = frozenset(_NAMES.split())


def scheme_of(url: str) -> str:
    """Return the service that a URL names, in lower case; empty where it names none."""
    scheme, mark, _ = url.partition("://")
    return scheme.strip().lower() if mark else ""
