-- What digests count by time: posts by when they were seen, cases by when they were first replied to.

CREATE INDEX mentions_seen ON mentions (seen_at);
CREATE INDEX cases_replied ON cases (replied_at) WHERE replied_at IS NOT NULL;
