-- SPDX-License-Identifier: Apache-2.0
-- As SQLite's, by statement instead of by row: many rows are one change of a tally.
-- How many samples a dataset has in which state, and how often each label is given: kept by the database itself, in
-- the transaction that changes a sample, whoever writes it. Counting them anew takes seconds at a million samples.
-- Excluded samples count nowhere; labels count in labeled samples.

CREATE TABLE dataset_tally (
    dataset_id TEXT COLLATE "C" PRIMARY KEY REFERENCES dataset (id) ON DELETE CASCADE,
    samples BIGINT NOT NULL DEFAULT 0,
    unlabeled BIGINT NOT NULL DEFAULT 0,
    to_be_confirmed BIGINT NOT NULL DEFAULT 0,
    labeled BIGINT NOT NULL DEFAULT 0,
    hard BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE label_tally (
    dataset_id TEXT COLLATE "C" NOT NULL REFERENCES dataset (id) ON DELETE CASCADE,
    name TEXT COLLATE "C" NOT NULL,
    samples BIGINT NOT NULL,     -- that carry it
    annotations BIGINT NOT NULL, -- of that name
    PRIMARY KEY (dataset_id, name)
);

INSERT INTO dataset_tally (dataset_id, samples, unlabeled, to_be_confirmed, labeled, hard)
SELECT d.id, COUNT(s.id), COUNT(CASE WHEN s.state = 'unlabeled' THEN 1 END),
    COUNT(CASE WHEN s.state = 'to_be_confirmed' THEN 1 END), COUNT(CASE WHEN s.state = 'labeled' THEN 1 END),
    COUNT(CASE WHEN s.is_hard = 1 THEN 1 END)
FROM dataset d LEFT JOIN sample s ON s.dataset_id = d.id AND s.is_excluded = 0 GROUP BY d.id;

INSERT INTO label_tally (dataset_id, name, samples, annotations)
SELECT s.dataset_id, a.name, COUNT(DISTINCT a.sample_id), COUNT(*)
FROM sample s JOIN annotation a ON a.sample_id = s.id
WHERE s.state = 'labeled' AND s.is_excluded = 0 GROUP BY s.dataset_id, a.name;

CREATE FUNCTION dataset_tally_begin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO dataset_tally (dataset_id) SELECT id FROM added;
    RETURN NULL;
END $$;
CREATE TRIGGER dataset_tally_begins AFTER INSERT ON dataset
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION dataset_tally_begin();

CREATE FUNCTION sample_tally_add() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE dataset_tally t SET samples = t.samples + n.samples, unlabeled = t.unlabeled + n.unlabeled,
        to_be_confirmed = t.to_be_confirmed + n.to_be_confirmed, labeled = t.labeled + n.labeled, hard = t.hard + n.hard
    FROM (SELECT dataset_id, COUNT(*) AS samples, COUNT(*) FILTER (WHERE state = 'unlabeled') AS unlabeled,
            COUNT(*) FILTER (WHERE state = 'to_be_confirmed') AS to_be_confirmed,
            COUNT(*) FILTER (WHERE state = 'labeled') AS labeled, COUNT(*) FILTER (WHERE is_hard = 1) AS hard
        FROM added WHERE is_excluded = 0 GROUP BY dataset_id) n
    WHERE t.dataset_id = n.dataset_id;
    RETURN NULL;
END $$;
CREATE TRIGGER sample_tally_added AFTER INSERT ON sample
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION sample_tally_add();

CREATE FUNCTION sample_tally_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE dataset_tally t SET samples = t.samples + n.samples, unlabeled = t.unlabeled + n.unlabeled,
        to_be_confirmed = t.to_be_confirmed + n.to_be_confirmed, labeled = t.labeled + n.labeled, hard = t.hard + n.hard
    FROM (SELECT dataset_id, SUM(sign) AS samples, SUM(CASE WHEN state = 'unlabeled' THEN sign ELSE 0 END) AS unlabeled,
            SUM(CASE WHEN state = 'to_be_confirmed' THEN sign ELSE 0 END) AS to_be_confirmed,
            SUM(CASE WHEN state = 'labeled' THEN sign ELSE 0 END) AS labeled,
            SUM(CASE WHEN is_hard = 1 THEN sign ELSE 0 END) AS hard
        FROM (SELECT dataset_id, state, is_hard, is_excluded, 1 AS sign FROM added
            UNION ALL SELECT dataset_id, state, is_hard, is_excluded, -1 FROM removed) both_ways
        WHERE is_excluded = 0 GROUP BY dataset_id) n
    WHERE t.dataset_id = n.dataset_id;
    INSERT INTO label_tally AS t (dataset_id, name, samples, annotations)
    SELECT dataset_id, name, SUM(sign), SUM(sign * annotations) FROM (
        SELECT now.dataset_id, a.name, COUNT(*) AS annotations,
            CASE WHEN now.state = 'labeled' AND now.is_excluded = 0 THEN 1 ELSE -1 END AS sign
        FROM added now JOIN removed was ON was.id = now.id JOIN annotation a ON a.sample_id = now.id
        WHERE (now.state = 'labeled' AND now.is_excluded = 0) <> (was.state = 'labeled' AND was.is_excluded = 0)
        GROUP BY now.id, now.dataset_id, now.state, now.is_excluded, a.name) of_sample
    GROUP BY dataset_id, name ORDER BY dataset_id, name
    ON CONFLICT (dataset_id, name)
    DO UPDATE SET samples = t.samples + excluded.samples, annotations = t.annotations + excluded.annotations;
    RETURN NULL;
END $$;
CREATE TRIGGER sample_tally_changed AFTER UPDATE ON sample
    REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION sample_tally_change();

-- Before, and by row: its annotations go with it and are not seen any more. Of a dataset that goes nothing is left to
-- count.
CREATE FUNCTION sample_tally_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.is_excluded = 0 AND EXISTS (SELECT 1 FROM dataset WHERE id = OLD.dataset_id) THEN
        UPDATE dataset_tally SET samples = samples - 1,
            unlabeled = unlabeled - CASE WHEN OLD.state = 'unlabeled' THEN 1 ELSE 0 END,
            to_be_confirmed = to_be_confirmed - CASE WHEN OLD.state = 'to_be_confirmed' THEN 1 ELSE 0 END,
            labeled = labeled - CASE WHEN OLD.state = 'labeled' THEN 1 ELSE 0 END, hard = hard - OLD.is_hard
        WHERE dataset_id = OLD.dataset_id;
        UPDATE label_tally t SET samples = t.samples - 1, annotations = t.annotations - n.annotations
        FROM (SELECT name, COUNT(*) AS annotations FROM annotation WHERE sample_id = OLD.id GROUP BY name) n
        WHERE OLD.state = 'labeled' AND t.dataset_id = OLD.dataset_id AND t.name = n.name;
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER sample_tally_deleted BEFORE DELETE ON sample FOR EACH ROW EXECUTE FUNCTION sample_tally_delete();

-- `change` is how many annotations of a name a sample has more than before; what it has now is counted.
CREATE FUNCTION annotation_tally_add() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO label_tally AS t (dataset_id, name, samples, annotations)
    SELECT dataset_id, name, COUNT(*) FILTER (WHERE has = change), SUM(change) FROM (
        SELECT s.dataset_id, n.name, n.change,
            (SELECT COUNT(*) FROM annotation a WHERE a.sample_id = s.id AND a.name = n.name) AS has
        FROM (SELECT sample_id, name, COUNT(*) AS change FROM added GROUP BY sample_id, name) n
        JOIN sample s ON s.id = n.sample_id WHERE s.state = 'labeled' AND s.is_excluded = 0) of_sample
    GROUP BY dataset_id, name ORDER BY dataset_id, name
    ON CONFLICT (dataset_id, name)
    DO UPDATE SET samples = t.samples + excluded.samples, annotations = t.annotations + excluded.annotations;
    RETURN NULL;
END $$;
CREATE TRIGGER annotation_tally_added AFTER INSERT ON annotation
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION annotation_tally_add();

CREATE FUNCTION annotation_tally_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE label_tally t SET samples = t.samples - n.samples, annotations = t.annotations - n.annotations
    FROM (SELECT dataset_id, name, COUNT(*) FILTER (WHERE has = 0) AS samples, SUM(change) AS annotations FROM (
            SELECT s.dataset_id, n.name, n.change,
                (SELECT COUNT(*) FROM annotation a WHERE a.sample_id = s.id AND a.name = n.name) AS has
            FROM (SELECT sample_id, name, COUNT(*) AS change FROM removed GROUP BY sample_id, name) n
            JOIN sample s ON s.id = n.sample_id WHERE s.state = 'labeled' AND s.is_excluded = 0) of_sample
        GROUP BY dataset_id, name) n
    WHERE t.dataset_id = n.dataset_id AND t.name = n.name;
    RETURN NULL;
END $$;
CREATE TRIGGER annotation_tally_deleted AFTER DELETE ON annotation
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION annotation_tally_delete();

CREATE FUNCTION annotation_tally_rename() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO label_tally AS t (dataset_id, name, samples, annotations)
    SELECT dataset_id, name, SUM(CASE WHEN has > 0 THEN 1 ELSE 0 END - CASE WHEN has > change THEN 1 ELSE 0 END),
        SUM(change) FROM (
        SELECT s.dataset_id, n.name, n.change,
            (SELECT COUNT(*) FROM annotation a WHERE a.sample_id = s.id AND a.name = n.name) AS has
        FROM (SELECT sample_id, name, SUM(sign) AS change FROM (SELECT sample_id, name, 1 AS sign FROM added
                UNION ALL SELECT sample_id, name, -1 FROM removed) both_ways GROUP BY sample_id, name) n
        JOIN sample s ON s.id = n.sample_id
        WHERE n.change <> 0 AND s.state = 'labeled' AND s.is_excluded = 0) of_sample
    GROUP BY dataset_id, name ORDER BY dataset_id, name
    ON CONFLICT (dataset_id, name)
    DO UPDATE SET samples = t.samples + excluded.samples, annotations = t.annotations + excluded.annotations;
    RETURN NULL;
END $$;
CREATE TRIGGER annotation_tally_renamed AFTER UPDATE ON annotation
    REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION annotation_tally_rename();
