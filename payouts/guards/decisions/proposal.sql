-- A kind says its own terms in countersign_<kind>_proposed; a kind without that function is unknown here.
CREATE FUNCTION countersign_proposal_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE terms text := 'countersign_' || NEW.kind || '_proposed';
BEGIN
    IF to_regproc(quote_ident(terms)) IS NULL THEN
        PERFORM countersign_object('proposal_is_of_a_known_kind', 'No kind of proposal is called ' || NEW.kind || '.');
    END IF;
    IF NEW.state <> 'open' THEN
        PERFORM countersign_object('proposal_starts_open', 'A proposal starts open.');
    END IF;
    IF NEW.digest <> encode(sha256(convert_to(NEW.content, 'UTF8')), 'hex') THEN
        PERFORM countersign_object('what_is_decided_is_the_content', 'The digest is of another content.');
    END IF;
    IF (NEW.content::jsonb ->> 'kind', NEW.content::jsonb ->> 'subject') IS DISTINCT FROM (NEW.kind, NEW.subject) THEN
        PERFORM countersign_object('content_names_kind_and_subject', 'The content is of something else.');
    END IF;
    EXECUTE format('SELECT %I($1)', terms) USING NEW;
    PERFORM 1 FROM auth_user WHERE id = NEW.raised_by_id FOR SHARE;  -- nothing is taken away from them meanwhile
    NEW.raised_under := CASE WHEN NEW.raised_by_id IS NOT NULL THEN countersign_authority(NEW.raised_by_id) END;
    RETURN NEW;
END $$;

-- For each kind: what a yes is called, whose counts, and how many there have to be at the least.
CREATE FUNCTION countersign_require_terms(proposed payouts_proposal, its_act text, whose text[], at_least integer)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (proposed.act = its_act AND proposed.roles::text[] <@ whose AND proposed.needed >= at_least) THEN
        PERFORM countersign_object('terms_are_those_of_the_kind', 'Other people, or more of them, have to decide this.');
    END IF;
END $$;

-- For each kind of which a thing is proposed once, however that ended.
CREATE FUNCTION countersign_require_first(proposed payouts_proposal) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM payouts_proposal WHERE kind = proposed.kind AND subject = proposed.subject) THEN
        PERFORM countersign_object('a_thing_is_proposed_once', 'It was proposed already.');
    END IF;
END $$;

-- For each kind of which whoever raised it gives no yes.
CREATE FUNCTION countersign_require_raiser_excluded(proposed payouts_proposal) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF (proposed.raised_by_id = ANY (proposed.excluded)) IS NOT TRUE THEN
        PERFORM countersign_object('nobody_decides_alone', 'Whoever raised it would have to be excluded.');
    END IF;
END $$;

-- Whoever raised it is active, holds one of these roles, and nothing was taken away from them since.
CREATE FUNCTION countersign_raiser_stands(raised payouts_proposal, roles text[]) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN raised.raised_under = countersign_authority(raised.raised_by_id)
        AND countersign_holds_role(raised.raised_by_id, roles);
END $$;

-- For the table of each kind's things: this proposal is about this thing, raised by this person, and in this state.
CREATE FUNCTION countersign_require_proposal(
    its_id uuid, its_kind text, its_subject text, raiser integer, its_state text
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM payouts_proposal WHERE id = its_id AND kind = its_kind AND subject = its_subject
            AND raised_by_id IS NOT DISTINCT FROM raiser AND state = its_state
    ) THEN
        PERFORM countersign_object('a_thing_has_its_own_proposal', 'Its proposal is another one, or decided.');
    END IF;
END $$;

-- For each kind, at every yes: the content is what the thing's rows say, as its `content` in payouts/models writes it.
CREATE FUNCTION countersign_require_content(proposal payouts_proposal, rows_say jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF proposal.content::jsonb - 'kind' - 'subject' IS DISTINCT FROM rows_say THEN
        PERFORM countersign_object('what_is_approved_is_what_the_rows_say', 'Its rows say something else.');
    END IF;
END $$;

-- What each kind asked at every yes, asked again: whatever may have changed since then.
CREATE FUNCTION countersign_ask_again(proposal payouts_proposal) RETURNS void LANGUAGE plpgsql AS $$
DECLARE given payouts_approval%ROWTYPE;
BEGIN
    FOR given IN SELECT * FROM payouts_approval WHERE proposal_id = proposal.id LOOP
        EXECUTE format('SELECT %I($1, $2)', 'countersign_' || proposal.kind || '_approved') USING proposal, given;
    END LOOP;
END $$;

CREATE FUNCTION countersign_proposal_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.kind, NEW.act, NEW.subject, NEW.content, NEW.digest, NEW.raised_by_id, NEW.raised_under, NEW.raised_at,
        NEW.needed, NEW.roles, NEW.excluded, NEW.open_until)
       IS DISTINCT FROM
       (OLD.id, OLD.kind, OLD.act, OLD.subject, OLD.content, OLD.digest, OLD.raised_by_id, OLD.raised_under, OLD.raised_at,
        OLD.needed, OLD.roles, OLD.excluded, OLD.open_until) THEN
        PERFORM countersign_object('what_was_proposed_never_changes', 'What was proposed never changes.');
    END IF;
    IF NOT (OLD.state || '>' || NEW.state) = ANY (ARRAY[
        'open>carried', 'open>rejected', 'open>withdrawn', 'open>lapsed', 'carried>rejected', 'carried>open'
    ]) THEN
        PERFORM countersign_object('what_was_decided_never_changes', 'It was decided already.');
    END IF;
    IF NEW.state = 'carried' THEN
        PERFORM countersign_hold_people(NEW.id);
        IF countersign_standing(NEW) < NEW.needed THEN
            PERFORM countersign_object('carried_means_enough_approvals', 'Too few people approved it.');
        END IF;
        IF NOT EXISTS (
            SELECT 1 FROM payouts_approval WHERE proposal_id = NEW.id AND approver_id = NEW.decided_by_id
        ) THEN
            PERFORM countersign_object('it_is_carried_by_who_approved_it', 'Whoever decided it did not approve it.');
        END IF;
        PERFORM countersign_ask_again(NEW);
    END IF;
    IF OLD.state = 'carried' THEN
        PERFORM 1 FROM payouts_withdrawal WHERE proposal_id = NEW.id AND status = 'approved' FOR SHARE;
        IF NOT FOUND THEN
            PERFORM countersign_object(
                'what_was_decided_never_changes', 'Only a withdrawal that was not sent is decided again.');
        END IF;
    END IF;
    IF NEW.state = 'withdrawn' AND NEW.decided_by_id IS DISTINCT FROM NEW.raised_by_id THEN
        PERFORM countersign_object('only_who_raised_it_takes_it_back', 'Somebody else raised it.');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER proposal_insert BEFORE INSERT ON payouts_proposal
    FOR EACH ROW EXECUTE FUNCTION countersign_proposal_insert();
CREATE TRIGGER proposal_update BEFORE UPDATE ON payouts_proposal
    FOR EACH ROW EXECUTE FUNCTION countersign_proposal_update();
CREATE TRIGGER proposal_delete BEFORE DELETE ON payouts_proposal
    FOR EACH ROW EXECUTE FUNCTION countersign_never('proposals_are_never_deleted');
CREATE TRIGGER proposal_truncate BEFORE TRUNCATE ON payouts_proposal
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('proposals_are_never_deleted');
