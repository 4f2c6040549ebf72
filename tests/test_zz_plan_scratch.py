import pytest
from django.db import connection
from payouts.models import Withdrawal, Account
from payouts.workflow import looking, resend, submission

def plan(qs):
    sql, params = qs.query.sql_with_params()
    with connection.cursor() as c:
        c.execute("EXPLAIN (ANALYZE, BUFFERS OFF) " + sql, params)
        return "\n".join(r[0] for r in c.fetchall())

@pytest.mark.django_db
def test_plans(cast, payee, chain_payee, capsys):
    from tests.cast import raised
    w = raised(cast, payee); v = raised(cast, chain_payee)
    from tests.guards import guards_off
    cols = [f.column for f in Withdrawal._meta.concrete_fields]
    with guards_off(), connection.cursor() as c:
        for src, status, n in ((w,'completed',120000),(v,'completed',100000),(v,'submitted',30000),(w,'unknown',20)):
            sel=[]
            for col in cols:
                if col=='id': sel.append('gen_random_uuid()')
                elif col=='status': sel.append(f"'{status}'")
                elif col=='amount': sel.append("(g+1)::numeric")
                elif col=='next_look_at': sel.append("now() - interval '1 day'")
                elif col in('requested_at','status_changed_at'): sel.append("now() - g * interval '1 minute'")
                elif col=='tx_id': sel.append("md5(g::text)")
                else: sel.append(f'"{col}"')
            c.execute(f"INSERT INTO payouts_withdrawal ({','.join(chr(34)+x+chr(34) for x in cols)}) SELECT {','.join(sel)} FROM payouts_withdrawal, generate_series(1,{n}) g WHERE id=%s",[src.pk])
        c.execute("ANALYZE payouts_withdrawal"); c.execute("ANALYZE payouts_account")
    t = Account.objects.get(name="treasury")
    with capsys.disabled():
        for name, qs in {
            "accounts_due": Withdrawal.objects.to_look_up().order_by().values_list("account__name", flat=True),
            "due": Withdrawal.objects.to_look_up().filter(account=t)[:200],
            "with_work": Withdrawal.objects.claimable().order_by().values_list("account__name", flat=True),
            "resends": resend.due().order_by().values_list("account__name", flat=True),
            "tx": Withdrawal.objects.filter(account__in=[t.pk], tx_id__in=["x"]).values_list("tx_id"),
            "expire": Withdrawal.objects.filter(status__in=["awaiting_approval","approved"], expires_at__lte=__import__("django.utils.timezone",fromlist=["x"]).now())[:100],
            "accepted": Withdrawal.objects.filter(status="submitted", account__can_look_up=False).order_by("account__name", "status_changed_at", "id")[:101],
        }.items():
            p = plan(qs); print("==", name); print("\n".join(l for l in p.splitlines() if "Scan" in l or "Time" in l or "Filter" in l)[:1400])
