-- Changes of cases for those who follow them: written with the change itself, whatever made it, and gone once passed on.
-- A trigger ends on the line of its last statement: `;` at the end of a line ends a statement of the migration.

CREATE TABLE case_changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id INTEGER NOT NULL,
    brand TEXT NOT NULL,
    before TEXT,                                -- JSON; NULL: the case was opened
    after TEXT NOT NULL,
    at INTEGER,                                 -- when, who and by which move: from the trail of the case
    who TEXT,
    move TEXT
) STRICT;
CREATE INDEX case_changes_open ON case_changes (case_id) WHERE move IS NULL;

CREATE TRIGGER case_opened AFTER INSERT ON cases
WHEN (SELECT value FROM meta WHERE key = 'case_changes') = 'followed'
BEGIN
    INSERT INTO case_changes (case_id, brand, after) VALUES (NEW.id, NEW.brand, json_object(
        'status', NEW.status, 'level', NEW.level, 'kind', NEW.kind, 'claimed_by', NEW.claimed_by, 'due_at', NEW.due_at,
        'snoozed_until', NEW.snoozed_until, 'cause', NEW.cause, 'incident_id', NEW.incident_id)); END;

CREATE TRIGGER case_changed
AFTER UPDATE OF status, level, kind, claimed_by, due_at, snoozed_until, cause, incident_id ON cases
WHEN (SELECT value FROM meta WHERE key = 'case_changes') = 'followed' AND (
    OLD.status IS NOT NEW.status OR OLD.level IS NOT NEW.level OR OLD.kind IS NOT NEW.kind
    OR OLD.claimed_by IS NOT NEW.claimed_by OR OLD.due_at IS NOT NEW.due_at
    OR OLD.snoozed_until IS NOT NEW.snoozed_until OR OLD.cause IS NOT NEW.cause
    OR OLD.incident_id IS NOT NEW.incident_id)
BEGIN
    INSERT INTO case_changes (case_id, brand, before, after) VALUES (NEW.id, NEW.brand, json_object(
        'status', OLD.status, 'level', OLD.level, 'kind', OLD.kind, 'claimed_by', OLD.claimed_by, 'due_at', OLD.due_at,
        'snoozed_until', OLD.snoozed_until, 'cause', OLD.cause, 'incident_id', OLD.incident_id), json_object(
        'status', NEW.status, 'level', NEW.level, 'kind', NEW.kind, 'claimed_by', NEW.claimed_by, 'due_at', NEW.due_at,
        'snoozed_until', NEW.snoozed_until, 'cause', NEW.cause, 'incident_id', NEW.incident_id)); END;

CREATE TRIGGER case_moved AFTER INSERT ON audit
WHEN EXISTS (SELECT 1 FROM case_changes WHERE case_id = NEW.case_id AND move IS NULL)
BEGIN
    UPDATE case_changes SET at = NEW.at, who = NEW.who, move = NEW.action WHERE case_id = NEW.case_id AND move IS NULL; END;
