"""Tables of reconciliation: records, looks, pauses, resolutions, statements, orphans, sign-offs."""

import uuid
from datetime import datetime, timedelta

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

# Rows from before: whom they pay is their address's business, and what was accepted or lost is looked up at once.
FILL = """
ALTER TABLE payouts_withdrawal DISABLE TRIGGER USER;
UPDATE payouts_withdrawal SET recipient_key = entry.recipient_key,
        next_look_at = CASE WHEN payouts_withdrawal.status IN ('unknown', 'submitted') THEN now() END
    FROM payouts_address AS entry WHERE entry.id = address_id;
ALTER TABLE payouts_withdrawal ENABLE TRIGGER USER;
"""


def a_day_from_now() -> datetime:
    """What was asked for before requests expired gets as long as one asked for now."""
    return timezone.now() + timedelta(hours=24)


class Migration(migrations.Migration):

    dependencies = [
        ('payouts', '0002_guards'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Evidence',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100)),
                ('media_type', models.CharField(max_length=64)),
                ('size', models.PositiveIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('content', models.BinaryField()),
                ('added_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'verbose_name_plural': 'evidence',
            },
        ),
        migrations.CreateModel(
            name='Look',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('looked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, help_text="By the database's clock.")),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('result', models.CharField(choices=[('found', 'Found'), ('ambiguous', 'Ambiguous'), ('absent', 'Absent'), ('unavailable', 'Unavailable')], max_length=16)),
                ('fitting', models.PositiveSmallIntegerField(default=0, help_text='How many unclaimed records fit.')),
                ('code', models.CharField(blank=True, help_text='Why the records could not be read.', max_length=32)),
            ],
            options={
                'ordering': ['withdrawal', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Orphan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(help_text='UTC.')),
                ('kind', models.CharField(choices=[('record_without_withdrawal', 'Record without withdrawal'), ('withdrawal_without_record', 'Withdrawal without record'), ('differs', 'Differs')], max_length=32)),
                ('what', models.CharField(help_text='What is missing or differs, in words.', max_length=300)),
                ('found_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(null=True)),
                ('closed_because', models.CharField(blank=True, max_length=500)),
            ],
            options={
                'ordering': ['-found_at'],
            },
        ),
        migrations.CreateModel(
            name='Pause',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('cause', models.CharField(choices=[('stop_code', 'Stop code'), ('orphan', 'Orphan'), ('person', 'Person')], max_length=16)),
                ('code', models.CharField(blank=True, help_text="The provider's code, where one stopped it.", max_length=32)),
                ('reason', models.CharField(max_length=500)),
                ('releases_needed', models.PositiveSmallIntegerField()),
                ('begun_at', models.DateTimeField()),
                ('released_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['-begun_at'],
            },
        ),
        migrations.CreateModel(
            name='ProviderRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('record_id', models.CharField(help_text="The provider's id, or one made of the line.", max_length=80)),
                ('tx_id', models.CharField(blank=True, max_length=200)),
                ('coin', models.CharField(max_length=32)),
                ('amount', models.DecimalField(decimal_places=18, max_digits=38)),
                ('fee', models.DecimalField(decimal_places=18, max_digits=38, null=True)),
                ('address', models.CharField(help_text='As the provider writes it.', max_length=254)),
                ('status', models.CharField(choices=[('pending', 'Pending'), ('completed', 'Completed'), ('failed', 'Failed')], max_length=16)),
                ('status_text', models.CharField(help_text="The provider's own word.", max_length=64)),
                ('known', models.BooleanField(help_text='Whether that word is documented.')),
                ('created_at', models.DateTimeField(help_text='When the provider made it.')),
                ('raw', models.TextField(help_text='As it came: text, so that no digit is rounded.')),
                ('first_seen_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('last_seen_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'ordering': ['-created_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Release',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=500)),
                ('released_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['released_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Resolution',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('verdict', models.CharField(choices=[('paid', 'Paid'), ('not_paid', 'Not paid')], max_length=16)),
                ('where_looked', models.CharField(help_text='Where the proposer looked.', max_length=200)),
                ('looked_at', models.DateTimeField(help_text='When.')),
                ('note', models.CharField(blank=True, help_text='Evidence in words.', max_length=2000)),
                ('state', models.CharField(choices=[('proposed', 'Proposed'), ('confirmed', 'Confirmed'), ('declined', 'Declined')], default='proposed', max_length=16)),
                ('proposed_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_because', models.CharField(blank=True, max_length=500)),
            ],
            options={
                'ordering': ['-proposed_at'],
            },
        ),
        migrations.CreateModel(
            name='ResolutionLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('found_as', models.CharField(blank=True, help_text="The provider's id or transaction hash.", max_length=200)),
                ('is_open', models.BooleanField(default=True)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='SignOff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(help_text='UTC.')),
                ('digest', models.CharField(help_text='SHA-256 of the statement that was shown.', max_length=64)),
                ('statement', models.TextField(help_text='The statement that was signed, as canonical JSON.')),
                ('note', models.CharField(blank=True, max_length=500)),
                ('signed_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['-day'],
            },
        ),
        migrations.CreateModel(
            name='Statement',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('columns', models.JSONField(help_text="Our column to the file's.")),
                ('since', models.DateTimeField(help_text='The first moment that the file is complete for.')),
                ('until', models.DateTimeField(help_text='The last.')),
                ('lines', models.PositiveIntegerField()),
                ('added_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'ordering': ['-added_at'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='submission',
            name='nothing_is_sent_twice',
        ),
        migrations.AddField(
            model_name='account',
            name='can_look_up',
            field=models.BooleanField(default=False, help_text='Whether its provider can be asked for records.'),
        ),
        migrations.AddField(
            model_name='account',
            name='reviewed_until',
            field=models.DateTimeField(editable=False, help_text="Until when its provider's records were read and compared.", null=True),
        ),
        migrations.AddField(
            model_name='account',
            name='resend_allowed',
            field=models.BooleanField(default=False, help_text='Whether its provider promises that one reference pays once.'),
        ),
        migrations.AddField(
            model_name='address',
            name='fingerprint',
            field=models.BooleanField(default=False, help_text='Whether the last two decimals of each amount are drawn, to tell equal ones apart.'),
        ),
        migrations.AddField(
            model_name='submission',
            name='is_resend',
            field=models.BooleanField(default=False, help_text="The one permitted repetition of an unknown call, under the provider's promise."),
        ),
        migrations.AddIndex(
            model_name='submission',
            index=models.Index(fields=['account', 'claimed_at'], name='submission_by_day'),
        ),
        migrations.AddField(
            model_name='withdrawal',
            name='expires_at',
            field=models.DateTimeField(default=a_day_from_now, help_text='Not approved or not claimed by then, it is not sent any more.'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='withdrawal',
            name='fee',
            field=models.DecimalField(decimal_places=18, max_digits=38, null=True),
        ),
        migrations.AddField(
            model_name='withdrawal',
            name='fingerprint',
            field=models.DecimalField(decimal_places=18, default=0, help_text='The part of the amount that tells equal ones apart.', max_digits=38),
        ),
        migrations.AddField(
            model_name='withdrawal',
            name='looks_taken',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='withdrawal',
            name='next_look_at',
            field=models.DateTimeField(help_text="When the provider's records are looked at again.", null=True),
        ),
        migrations.AddField(
            model_name='withdrawal',
            name='recipient_key',
            field=models.CharField(default='', help_text="The address's: whom it pays, comparably.", max_length=254),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='withdrawal',
            name='record_status',
            field=models.CharField(blank=True, help_text="The provider's latest word for it.", max_length=64),
        ),
        migrations.AddField(
            model_name='withdrawal',
            name='retry_of',
            field=models.ForeignKey(help_text='The one that was not paid.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='retries', to='payouts.withdrawal'),
        ),
        migrations.AddField(
            model_name='withdrawal',
            name='tx_id',
            field=models.CharField(blank=True, help_text='Of the chain, where there is one.', max_length=200),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name='withdrawal',
            index=models.Index(condition=models.Q(('tx_id', ''), _negated=True), fields=['tx_id'], name='withdrawal_by_transaction'),
        ),
        migrations.AddIndex(
            model_name='withdrawal',
            index=models.Index(condition=models.Q(('status__in', ['unknown', 'submitted'])), fields=['account', 'next_look_at'], name='withdrawal_to_look_up'),
        ),
        migrations.AddIndex(
            model_name='withdrawal',
            index=models.Index(condition=models.Q(('status__in', ['awaiting_approval', 'approved'])), fields=['expires_at'], name='withdrawal_to_expire'),
        ),
        migrations.AddConstraint(
            model_name='submission',
            constraint=models.UniqueConstraint(condition=models.Q(models.Q(('outcome', 'not_executed'), _negated=True), ('is_resend', False)), fields=('withdrawal',), name='nothing_is_sent_twice'),
        ),
        migrations.AddConstraint(
            model_name='submission',
            constraint=models.UniqueConstraint(condition=models.Q(models.Q(('outcome', 'not_executed'), _negated=True), ('is_resend', True)), fields=('withdrawal',), name='nothing_is_resent_twice'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ['submitting', 'unknown'])), fields=('account', 'recipient_key', 'coin', 'amount'), name='one_equal_payment_in_flight'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.UniqueConstraint(fields=('retry_of',), name='asked_again_once'),
        ),
        migrations.AddField(
            model_name='evidence',
            name='added_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='look',
            name='withdrawal',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='looks', to='payouts.withdrawal'),
        ),
        migrations.AddField(
            model_name='orphan',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orphans', to='payouts.account'),
        ),
        migrations.AddField(
            model_name='orphan',
            name='closed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='orphan',
            name='withdrawal',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='orphans', to='payouts.withdrawal'),
        ),
        migrations.AddField(
            model_name='pause',
            name='account',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='pauses', to='payouts.account'),
        ),
        migrations.AddField(
            model_name='pause',
            name='begun_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='providerrecord',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='records', to='payouts.account'),
        ),
        migrations.AddField(
            model_name='providerrecord',
            name='withdrawal',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='record', to='payouts.withdrawal'),
        ),
        migrations.AddField(
            model_name='orphan',
            name='record',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='orphans', to='payouts.providerrecord'),
        ),
        migrations.AddField(
            model_name='release',
            name='pause',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='releases', to='payouts.pause'),
        ),
        migrations.AddField(
            model_name='release',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='release',
            name='proof',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, to='payouts.presenceproof'),
        ),
        migrations.AddField(
            model_name='resolution',
            name='decided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='resolution',
            name='evidence',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payouts.evidence'),
        ),
        migrations.AddField(
            model_name='resolution',
            name='proof',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, to='payouts.presenceproof'),
        ),
        migrations.AddField(
            model_name='resolution',
            name='proposed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='resolutionline',
            name='resolution',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='payouts.resolution'),
        ),
        migrations.AddField(
            model_name='resolutionline',
            name='withdrawal',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='resolution_lines', to='payouts.withdrawal'),
        ),
        migrations.AddField(
            model_name='signoff',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sign_offs', to='payouts.account'),
        ),
        migrations.AddField(
            model_name='signoff',
            name='proof',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, to='payouts.presenceproof'),
        ),
        migrations.AddField(
            model_name='signoff',
            name='signed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='statement',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='statements', to='payouts.account'),
        ),
        migrations.AddField(
            model_name='statement',
            name='added_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='statement',
            name='evidence',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payouts.evidence'),
        ),
        migrations.AddField(
            model_name='providerrecord',
            name='statement',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='records', to='payouts.statement'),
        ),
        migrations.AddConstraint(
            model_name='evidence',
            constraint=models.CheckConstraint(condition=models.Q(('size__gt', 0), ('size__lte', 5242880)), name='evidence_is_of_a_size'),
        ),
        migrations.AddConstraint(
            model_name='pause',
            constraint=models.UniqueConstraint(condition=models.Q(('released_at', None)), fields=('account', 'cause'), name='one_open_pause_per_cause'),
        ),
        migrations.AddConstraint(
            model_name='pause',
            constraint=models.UniqueConstraint(condition=models.Q(('account', None), ('released_at', None)), fields=('cause',), name='one_open_pause_of_everything'),
        ),
        migrations.AddConstraint(
            model_name='pause',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('account__isnull', False), ('cause', 'stop_code'), ('releases_needed', 1)), ('releases_needed', 2), _connector='OR'), name='release_needs_two_people'),
        ),
        migrations.AddConstraint(
            model_name='pause',
            constraint=models.CheckConstraint(condition=models.Q(('cause__in', ['stop_code', 'orphan', 'person'])), name='pause_cause_is_known'),
        ),
        migrations.AddConstraint(
            model_name='pause',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='pause_says_why'),
        ),
        migrations.AddIndex(
            model_name='orphan',
            index=models.Index(fields=['account', 'day'], name='orphan_by_day'),
        ),
        migrations.AddIndex(
            model_name='orphan',
            index=models.Index(condition=models.Q(('closed_at', None)), fields=['-found_at'], name='orphan_open'),
        ),
        migrations.AddConstraint(
            model_name='orphan',
            constraint=models.UniqueConstraint(condition=models.Q(('closed_at', None), ('record__isnull', False)), fields=('kind', 'record'), name='one_orphan_per_record'),
        ),
        migrations.AddConstraint(
            model_name='orphan',
            constraint=models.UniqueConstraint(condition=models.Q(('closed_at', None), ('kind', 'withdrawal_without_record')), fields=('kind', 'withdrawal'), name='one_orphan_per_withdrawal'),
        ),
        migrations.AddConstraint(
            model_name='orphan',
            constraint=models.CheckConstraint(condition=models.Q(('record__isnull', False), ('withdrawal__isnull', False), _connector='OR'), name='orphan_is_of_something'),
        ),
        migrations.AddConstraint(
            model_name='orphan',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['record_without_withdrawal', 'withdrawal_without_record', 'differs'])), name='orphan_kind_is_known'),
        ),
        migrations.AddConstraint(
            model_name='orphan',
            constraint=models.CheckConstraint(condition=models.Q(('closed_at__isnull', True), models.Q(('closed_because', ''), _negated=True), _connector='OR'), name='closed_orphan_says_why'),
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.UniqueConstraint(fields=('pause', 'person'), name='one_release_per_person'),
        ),
        migrations.AddIndex(
            model_name='resolution',
            index=models.Index(condition=models.Q(('state', 'proposed')), fields=['-proposed_at'], name='resolution_waiting'),
        ),
        migrations.AddConstraint(
            model_name='resolution',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'confirmed'), _negated=True), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='resolution_is_confirmed_by_another_person'),
        ),
        migrations.AddConstraint(
            model_name='resolution',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'confirmed'), _negated=True), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('proof__isnull', False)), _connector='OR'), name='confirmed_resolution_names_who_and_how'),
        ),
        migrations.AddConstraint(
            model_name='resolution',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('note', ''), _negated=True), ('evidence__isnull', False), _connector='OR'), name='resolution_has_evidence'),
        ),
        migrations.AddConstraint(
            model_name='resolution',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['proposed', 'confirmed', 'declined'])), name='resolution_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='resolution',
            constraint=models.CheckConstraint(condition=models.Q(('verdict__in', ['paid', 'not_paid'])), name='resolution_verdict_is_known'),
        ),
        migrations.AddConstraint(
            model_name='resolutionline',
            constraint=models.UniqueConstraint(condition=models.Q(('is_open', True)), fields=('withdrawal',), name='one_open_resolution_per_withdrawal'),
        ),
        migrations.AddConstraint(
            model_name='resolutionline',
            constraint=models.UniqueConstraint(fields=('resolution', 'withdrawal'), name='one_line_per_withdrawal'),
        ),
        migrations.AddConstraint(
            model_name='signoff',
            constraint=models.UniqueConstraint(fields=('account', 'day'), name='one_sign_off_per_day'),
        ),
        migrations.AddConstraint(
            model_name='statement',
            constraint=models.CheckConstraint(condition=models.Q(('since__lte', models.F('until'))), name='statement_covers_a_time'),
        ),
        migrations.AddIndex(
            model_name='providerrecord',
            index=models.Index(fields=['account', 'created_at'], name='record_by_day'),
        ),
        migrations.AddIndex(
            model_name='providerrecord',
            index=models.Index(condition=models.Q(('withdrawal', None)), fields=['account', 'created_at'], name='record_unclaimed'),
        ),
        migrations.AddConstraint(
            model_name='providerrecord',
            constraint=models.UniqueConstraint(fields=('account', 'record_id'), name='one_row_per_provider_record'),
        ),
        migrations.AddConstraint(
            model_name='providerrecord',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['pending', 'completed', 'failed'])), name='record_status_is_known'),
        ),
    ]
