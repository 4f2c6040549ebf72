"""The demo's people and address book. They enter as everybody does: every rule of the workflow applies to them."""

from django.contrib.auth.models import User
from django.utils import timezone

from payouts import audit
from payouts.audit import Event, Worker
from payouts.domain.decisions.proposal import list_digest
from payouts.domain.people.roles import Act, Role
from payouts.domain.recipients.kind import Kind
from payouts.models import Account, Address, Authenticator, PresenceProof
from payouts.workflow.decisions import deciding
from payouts.workflow.people import people
from payouts.workflow.recipients import address_book

PASSWORD = "countersign demo"  # noqa: S105  the demo runs on loopback, without real accounts
SETUP = Worker("demo")

PEOPLE: list[tuple[str, str, tuple[Role, ...]]] = [
    ("ada", "Ada Berg", (Role.REQUESTER,)),
    ("ben", "Ben Okafor", (Role.REQUESTER, Role.APPROVER)),  # to see that nobody approves their own
    ("carla", "Carla Neri", (Role.APPROVER,)),
    ("dev", "Dev Anand", (Role.APPROVER,)),
    ("emil", "Emil Novak", (Role.APPROVER,)),
    ("kim", "Kim Sato", (Role.KEEPER,)),
    ("ola", "Ola Lund", (Role.AUDITOR,)),
    ("rosa", "Rosa Marin", (Role.ADMINISTRATOR,)),
    ("theo", "Theo Lind", (Role.ADMINISTRATOR,)),  # a new key or host of an account takes two of them
]

# account, kind, area code, address, coins, label, owner
ADDRESSES: list[tuple[str, Kind, str, str, tuple[str, ...], str, str]] = [
    ("treasury", Kind.EMAIL, "", "payouts@acme.example", ("USDT", "USDC"), "Acme settlement", "Acme Ltd"),
    ("treasury", Kind.PHONE, "44", "7700900123", ("USDT",), "Ivy Clarke, contractor", "Ivy Clarke"),
    ("treasury", Kind.UID, "", "24680135", ("USDT", "BTC"), "Market maker", "Northwind Markets"),
    (
        "merchant",
        Kind.TRX_CHAIN,
        "",
        "TL9qtZWi2PX2uZFRZ8RsrYxULVv9Zbax44",
        ("USDT",),
        "Acme TRON wallet",
        "Acme Ltd",
    ),
    (
        "merchant",
        Kind.ETH_CHAIN,
        "",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        ("ETH", "USDC", "USDT"),
        "Acme cold wallet",
        "Acme Ltd",
    ),
]


def enter() -> None:
    """Make the people and the addresses that are not there yet."""
    for name, full_name, roles in PEOPLE:
        if not User.objects.filter(username=name).exists():
            _person(name, full_name, roles)
    if not Address.objects.exists():
        for row in ADDRESSES:
            _address(*row)


def table() -> str:
    """Who can sign in, for the terminal."""
    rows = [f"  {name:<7} {full_name:<12} {', '.join(roles)}" for name, full_name, roles in PEOPLE]
    return "\n".join([f"Who can sign in (password for everybody: {PASSWORD})", *rows])


def _person(name: str, full_name: str, roles: tuple[Role, ...]) -> None:
    user = people.add_person(name, full_name=full_name, email=f"{name}@countersign.example", roles=roles, by=SETUP)
    user.set_password(PASSWORD)
    user.save()
    Authenticator.objects.create(user=user, name="Demo authenticator", confirmed=True)
    audit.record(Event.SECOND_FACTOR_ENROLLED, by=SETUP, about=user)


def _address(
    account: str, kind: Kind, area_code: str, address: str, coins: tuple[str, ...], label: str, owner: str
) -> None:
    ada, kim = User.objects.get(username="ada"), User.objects.get(username="kim")
    draft = address_book.Draft(
        account=Account.objects.get(name=account),
        kind=kind,
        area_code=area_code,
        address=address,
        coins=coins,
        label=label,
        owner=owner,
    )
    entry = address_book.propose(draft, by=ada)
    digest = entry.proposal.digest
    proof = PresenceProof.objects.create(
        person=kim,
        act=Act.ACTIVATE_ADDRESS,
        digests=[digest],
        subject=list_digest([digest]),
        device="demo",
        proved_at=timezone.now(),
    )
    deciding.approve({entry.proposal.pk: digest}, proof=proof, by=kim)
