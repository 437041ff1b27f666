-- SPDX-License-Identifier: Apache-2.0
-- How many samples a dataset has in which state, and how often each label is given: kept by the database itself, in
-- the transaction that changes a sample, whoever writes it. Counting them anew takes seconds at a million samples.
-- Excluded samples count nowhere; labels count in labeled samples.

CREATE TABLE dataset_tally (
    dataset_id TEXT PRIMARY KEY REFERENCES dataset (id) ON DELETE CASCADE,
    samples INTEGER NOT NULL DEFAULT 0,
    unlabeled INTEGER NOT NULL DEFAULT 0,
    to_be_confirmed INTEGER NOT NULL DEFAULT 0,
    labeled INTEGER NOT NULL DEFAULT 0,
    hard INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE label_tally (
    dataset_id TEXT NOT NULL REFERENCES dataset (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    samples INTEGER NOT NULL,     -- that carry it
    annotations INTEGER NOT NULL, -- of that name
    PRIMARY KEY (dataset_id, name)
) STRICT, WITHOUT ROWID;

INSERT INTO dataset_tally (dataset_id, samples, unlabeled, to_be_confirmed, labeled, hard)
SELECT d.id, COUNT(s.id), COUNT(CASE WHEN s.state = 'unlabeled' THEN 1 END),
    COUNT(CASE WHEN s.state = 'to_be_confirmed' THEN 1 END), COUNT(CASE WHEN s.state = 'labeled' THEN 1 END),
    COUNT(CASE WHEN s.is_hard = 1 THEN 1 END)
FROM dataset d LEFT JOIN sample s ON s.dataset_id = d.id AND s.is_excluded = 0 GROUP BY d.id;

INSERT INTO label_tally (dataset_id, name, samples, annotations)
SELECT s.dataset_id, a.name, COUNT(DISTINCT a.sample_id), COUNT(*)
FROM sample s JOIN annotation a ON a.sample_id = s.id
WHERE s.state = 'labeled' AND s.is_excluded = 0 GROUP BY s.dataset_id, a.name;

CREATE TRIGGER dataset_tally_begins AFTER INSERT ON dataset BEGIN
    INSERT INTO dataset_tally (dataset_id) VALUES (NEW.id);
END;

CREATE TRIGGER sample_tally_added AFTER INSERT ON sample WHEN NEW.is_excluded = 0 BEGIN
    UPDATE dataset_tally SET samples = samples + 1, unlabeled = unlabeled + (NEW.state = 'unlabeled'),
        to_be_confirmed = to_be_confirmed + (NEW.state = 'to_be_confirmed'), labeled = labeled + (NEW.state = 'labeled'),
        hard = hard + NEW.is_hard
    WHERE dataset_id = NEW.dataset_id;
END;

CREATE TRIGGER sample_tally_changed AFTER UPDATE OF state, is_hard, is_excluded ON sample
WHEN NEW.state <> OLD.state OR NEW.is_hard <> OLD.is_hard OR NEW.is_excluded <> OLD.is_excluded BEGIN
    UPDATE dataset_tally SET samples = samples + OLD.is_excluded - NEW.is_excluded,
        unlabeled = unlabeled + (NEW.is_excluded = 0 AND NEW.state = 'unlabeled')
            - (OLD.is_excluded = 0 AND OLD.state = 'unlabeled'),
        to_be_confirmed = to_be_confirmed + (NEW.is_excluded = 0 AND NEW.state = 'to_be_confirmed')
            - (OLD.is_excluded = 0 AND OLD.state = 'to_be_confirmed'),
        labeled = labeled + (NEW.is_excluded = 0 AND NEW.state = 'labeled')
            - (OLD.is_excluded = 0 AND OLD.state = 'labeled'),
        hard = hard + (NEW.is_excluded = 0 AND NEW.is_hard = 1) - (OLD.is_excluded = 0 AND OLD.is_hard = 1)
    WHERE dataset_id = NEW.dataset_id;
END;

CREATE TRIGGER sample_tally_labels_join AFTER UPDATE OF state, is_excluded ON sample
WHEN NEW.is_excluded = 0 AND NEW.state = 'labeled' AND NOT (OLD.is_excluded = 0 AND OLD.state = 'labeled') BEGIN
    INSERT INTO label_tally (dataset_id, name, samples, annotations)
    SELECT NEW.dataset_id, name, 1, COUNT(*) FROM annotation WHERE sample_id = NEW.id GROUP BY name
    ON CONFLICT (dataset_id, name) DO UPDATE SET samples = samples + 1, annotations = annotations + excluded.annotations;
END;

CREATE TRIGGER sample_tally_labels_leave AFTER UPDATE OF state, is_excluded ON sample
WHEN OLD.is_excluded = 0 AND OLD.state = 'labeled' AND NOT (NEW.is_excluded = 0 AND NEW.state = 'labeled') BEGIN
    UPDATE label_tally SET samples = samples - 1, annotations = annotations
        - (SELECT COUNT(*) FROM annotation a WHERE a.sample_id = NEW.id AND a.name = label_tally.name)
    WHERE dataset_id = NEW.dataset_id AND name IN (SELECT name FROM annotation WHERE sample_id = NEW.id);
END;

-- Before: its annotations go with it and are not seen any more. Of a dataset that goes nothing is left to count.
CREATE TRIGGER sample_tally_deleted BEFORE DELETE ON sample
WHEN OLD.is_excluded = 0 AND EXISTS (SELECT 1 FROM dataset WHERE id = OLD.dataset_id) BEGIN
    UPDATE dataset_tally SET samples = samples - 1, unlabeled = unlabeled - (OLD.state = 'unlabeled'),
        to_be_confirmed = to_be_confirmed - (OLD.state = 'to_be_confirmed'), labeled = labeled - (OLD.state = 'labeled'),
        hard = hard - OLD.is_hard
    WHERE dataset_id = OLD.dataset_id;
    UPDATE label_tally SET samples = samples - 1, annotations = annotations
        - (SELECT COUNT(*) FROM annotation a WHERE a.sample_id = OLD.id AND a.name = label_tally.name)
    WHERE OLD.state = 'labeled' AND dataset_id = OLD.dataset_id
        AND name IN (SELECT name FROM annotation WHERE sample_id = OLD.id);
END;

CREATE TRIGGER annotation_tally_added AFTER INSERT ON annotation BEGIN
    INSERT INTO label_tally (dataset_id, name, samples, annotations)
    SELECT dataset_id, NEW.name, NOT EXISTS (SELECT 1 FROM annotation a
        WHERE a.sample_id = NEW.sample_id AND a.name = NEW.name AND a.position <> NEW.position), 1
    FROM sample WHERE id = NEW.sample_id AND state = 'labeled' AND is_excluded = 0
    ON CONFLICT (dataset_id, name)
    DO UPDATE SET samples = samples + excluded.samples, annotations = annotations + 1;
END;

CREATE TRIGGER annotation_tally_deleted AFTER DELETE ON annotation BEGIN
    UPDATE label_tally SET annotations = annotations - 1, samples = samples - NOT EXISTS (SELECT 1 FROM annotation a
        WHERE a.sample_id = OLD.sample_id AND a.name = OLD.name)
    WHERE name = OLD.name AND dataset_id = (SELECT dataset_id FROM sample
        WHERE id = OLD.sample_id AND state = 'labeled' AND is_excluded = 0);
END;

CREATE TRIGGER annotation_tally_renamed AFTER UPDATE OF name ON annotation WHEN NEW.name <> OLD.name BEGIN
    UPDATE label_tally SET annotations = annotations - 1, samples = samples - NOT EXISTS (SELECT 1 FROM annotation a
        WHERE a.sample_id = OLD.sample_id AND a.name = OLD.name)
    WHERE name = OLD.name AND dataset_id = (SELECT dataset_id FROM sample
        WHERE id = OLD.sample_id AND state = 'labeled' AND is_excluded = 0);
    INSERT INTO label_tally (dataset_id, name, samples, annotations)
    SELECT dataset_id, NEW.name, NOT EXISTS (SELECT 1 FROM annotation a
        WHERE a.sample_id = NEW.sample_id AND a.name = NEW.name AND a.position <> NEW.position), 1
    FROM sample WHERE id = NEW.sample_id AND state = 'labeled' AND is_excluded = 0
    ON CONFLICT (dataset_id, name)
    DO UPDATE SET samples = samples + excluded.samples, annotations = annotations + 1;
END;
