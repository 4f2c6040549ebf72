-- Sign-offs as proposals: of nobody who took part in the day.

-- Whether the person asked, approved, found out, uploaded or explained anything of the day; as workflow.days.day.participants.
CREATE FUNCTION countersign_took_part(who integer, of_account bigint, of_day date) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE opening timestamptz := of_day::timestamp AT TIME ZONE 'UTC';
DECLARE closing timestamptz := (of_day + 1)::timestamp AT TIME ZONE 'UTC';
BEGIN
    RETURN EXISTS (
        SELECT 1 FROM payouts_withdrawal
            WHERE account_id = of_account AND requested_by_id = who
              AND requested_at >= opening AND requested_at < closing
    ) OR EXISTS (
        SELECT 1 FROM payouts_approval AS yes JOIN payouts_withdrawal AS asked ON asked.proposal_id = yes.proposal_id
            WHERE asked.account_id = of_account AND yes.approver_id = who
              AND yes.approved_at >= opening AND yes.approved_at < closing
    ) OR EXISTS (
        SELECT 1 FROM payouts_submission AS call JOIN payouts_withdrawal AS asked ON asked.id = call.withdrawal_id
            LEFT JOIN payouts_approval AS yes ON yes.proposal_id = asked.proposal_id
            LEFT JOIN payouts_resolutionline AS line ON line.withdrawal_id = asked.id
            LEFT JOIN payouts_resolution AS said ON said.id = line.resolution_id
            LEFT JOIN payouts_proposal AS decided ON decided.id = said.proposal_id
            LEFT JOIN payouts_approval AS confirmed ON confirmed.proposal_id = said.proposal_id
            WHERE call.account_id = of_account AND call.claimed_at >= opening AND call.claimed_at < closing
              AND call.outcome <> 'not_executed' AND NOT call.is_resend
              AND who IN (asked.requested_by_id, yes.approver_id, said.proposed_by_id, decided.decided_by_id,
                          confirmed.approver_id)
    ) OR EXISTS (
        SELECT 1 FROM payouts_resolution AS said JOIN payouts_resolutionline AS line ON line.resolution_id = said.id
            JOIN payouts_proposal AS decided ON decided.id = said.proposal_id
            JOIN payouts_withdrawal AS asked ON asked.id = line.withdrawal_id
            WHERE asked.account_id = of_account
              AND (said.proposed_by_id = who AND said.proposed_at >= opening AND said.proposed_at < closing
                   OR decided.decided_by_id = who AND decided.decided_at >= opening AND decided.decided_at < closing)
    ) OR EXISTS (
        SELECT 1 FROM payouts_lostcall AS lost LEFT JOIN payouts_withdrawal AS asked ON asked.id = lost.withdrawal_id
            LEFT JOIN payouts_approval AS yes ON yes.proposal_id = asked.proposal_id
            LEFT JOIN payouts_lostfinding AS said ON said.call_id = lost.id
            LEFT JOIN payouts_proposal AS decided ON decided.id = said.proposal_id
            LEFT JOIN payouts_approval AS confirmed ON confirmed.proposal_id = said.proposal_id
            WHERE lost.account_id = of_account AND lost.called_at >= opening AND lost.called_at < closing
              AND who IN (asked.requested_by_id, yes.approver_id, said.proposed_by_id, decided.decided_by_id,
                          confirmed.approver_id)
    ) OR EXISTS (
        SELECT 1 FROM payouts_lostfinding AS said JOIN payouts_lostcall AS lost ON lost.id = said.call_id
            JOIN payouts_proposal AS decided ON decided.id = said.proposal_id
            WHERE lost.account_id = of_account
              AND (said.proposed_by_id = who AND said.proposed_at >= opening AND said.proposed_at < closing
                   OR decided.decided_by_id = who AND decided.decided_at >= opening AND decided.decided_at < closing)
    ) OR EXISTS (
        SELECT 1 FROM payouts_statement
            WHERE account_id = of_account AND added_by_id = who AND since < closing AND until >= opening
    ) OR EXISTS (
        SELECT 1 FROM payouts_orphan WHERE account_id = of_account AND day = of_day AND closed_by_id = who
    );
END $$;

-- The subject is the account's number and the day, as in 7:2026-03-01, and the statement is of both.
CREATE FUNCTION countersign_sign_off_proposed(proposed payouts_proposal) RETURNS void LANGUAGE plpgsql AS $$
DECLARE statement jsonb := proposed.content::jsonb -> 'statement';
BEGIN
    PERFORM countersign_require_terms(proposed, 'sign_off', ARRAY['Approvers', 'Auditors'], 1);
    PERFORM countersign_require_first(proposed);
    IF proposed.subject !~ '^[1-9][0-9]*:[0-9]{4}-[0-9]{2}-[0-9]{2}$' THEN
        PERFORM countersign_object('a_sign_off_names_a_day', 'A sign-off is of an account''s number and a day.');
    END IF;
    IF (statement ->> 'account', statement ->> 'day') IS DISTINCT FROM (
        (SELECT name FROM payouts_account WHERE id = split_part(proposed.subject, ':', 1)::bigint),
        split_part(proposed.subject, ':', 2)) THEN
        PERFORM countersign_object('what_is_signed_is_the_statement', 'The statement is of another account or day.');
    END IF;
END $$;

CREATE FUNCTION countersign_sign_off_approved(proposal payouts_proposal, given payouts_approval) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE of_account bigint := split_part(proposal.subject, ':', 1)::bigint;
DECLARE of_day date := split_part(proposal.subject, ':', 2)::date;
BEGIN
    IF of_day >= (clock_timestamp() AT TIME ZONE 'UTC')::date THEN
        PERFORM countersign_object('a_day_is_signed_when_it_is_over', 'The day is not over.');
    END IF;
    IF countersign_took_part(given.approver_id, of_account, of_day) THEN
        PERFORM countersign_object('signed_by_neither_maker_nor_checker', 'They took part in that day.');
    END IF;
    IF EXISTS (SELECT 1 FROM payouts_orphan WHERE account_id = of_account AND day = of_day AND closed_at IS NULL) THEN
        PERFORM countersign_object('orphans_are_explained_before_signing', 'Something has no partner.');
    END IF;
END $$;
