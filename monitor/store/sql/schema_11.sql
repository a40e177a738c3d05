-- What the queue page sorts, filters and searches by: of open cases alone, so that it does not grow with the years.

-- of the post that is shown first; the triggers below keep both
ALTER TABLE cases ADD COLUMN platform TEXT;
ALTER TABLE cases ADD COLUMN lang TEXT;

CREATE TABLE case_words (                       -- what a search looks through; gone with the close of a case
    case_id INTEGER PRIMARY KEY REFERENCES cases (id) ON DELETE CASCADE,
    words TEXT NOT NULL
) STRICT;

CREATE VIEW case_faces AS
SELECT c.id AS case_id, m.platform, lower(substr(m.lang, 1, instr(m.lang || '-', '-') - 1)) AS lang,
       m.author_handle || char(10) || substr(m.text, 1, 4000) AS words
FROM cases AS c JOIN hits AS h ON h.id = c.hit_id JOIN mentions AS m ON m.id = h.mention_id;

UPDATE cases SET (platform, lang) = (SELECT f.platform, f.lang FROM case_faces AS f WHERE f.case_id = cases.id)
WHERE status IN ('new', 'claimed', 'replied');

INSERT INTO case_words (case_id, words)
SELECT f.case_id, f.words FROM cases AS c JOIN case_faces AS f ON f.case_id = c.id
WHERE c.status IN ('new', 'claimed', 'replied');

CREATE INDEX cases_queue ON cases (
    brand, kind, lane, level, due_at, clock_at, score, status, snoozed_until, platform, cause, claimed_by, incident_id,
    lang
) WHERE status IN ('new', 'claimed', 'replied');

CREATE TRIGGER cases_face_new AFTER INSERT ON cases BEGIN
    UPDATE cases SET (platform, lang) = (SELECT f.platform, f.lang FROM case_faces AS f WHERE f.case_id = new.id)
    WHERE id = new.id; INSERT OR REPLACE INTO case_words (case_id, words)
    SELECT f.case_id, f.words FROM case_faces AS f WHERE f.case_id = new.id; END;

CREATE TRIGGER cases_face_changed AFTER UPDATE OF hit_id ON cases WHEN new.hit_id IS NOT old.hit_id BEGIN
    UPDATE cases SET (platform, lang) = (SELECT f.platform, f.lang FROM case_faces AS f WHERE f.case_id = new.id)
    WHERE id = new.id; UPDATE case_words
    SET words = (SELECT f.words FROM case_faces AS f WHERE f.case_id = new.id) WHERE case_id = new.id; END;

CREATE TRIGGER cases_closed AFTER UPDATE OF status ON cases
WHEN new.status NOT IN ('new', 'claimed', 'replied') BEGIN
    DELETE FROM case_words WHERE case_id = new.id; END;

CREATE TRIGGER cases_reopened AFTER UPDATE OF status ON cases
WHEN old.status NOT IN ('new', 'claimed', 'replied') AND new.status IN ('new', 'claimed', 'replied') BEGIN
    UPDATE cases SET (platform, lang) = (SELECT f.platform, f.lang FROM case_faces AS f WHERE f.case_id = new.id)
    WHERE id = new.id; INSERT OR REPLACE INTO case_words (case_id, words)
    SELECT f.case_id, f.words FROM case_faces AS f WHERE f.case_id = new.id; END;

-- an edit, and an erasure: what a search finds is never more than what the store still holds
CREATE TRIGGER mentions_reworded AFTER UPDATE OF text, author_handle ON mentions
WHEN new.text IS NOT old.text OR new.author_handle IS NOT old.author_handle BEGIN
    UPDATE case_words SET words = (SELECT f.words FROM case_faces AS f WHERE f.case_id = case_words.case_id)
    WHERE case_id IN (SELECT p.case_id FROM hits AS h JOIN case_posts AS p ON p.hit_id = h.id
                      WHERE h.mention_id = new.id); END;
