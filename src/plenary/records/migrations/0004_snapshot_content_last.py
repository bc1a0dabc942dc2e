from django.db import migrations, models

# SQLite keeps a row's columns one after the other: to read a hash that stands behind 100 MB, it goes through all of
# them. What pages ask of a snapshot stands before its content. PostgreSQL keeps large values elsewhere anyway.
AS_NOW = """
    CREATE TABLE "new__records_snapshot" (
        "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "media_type" varchar(60) NOT NULL,
        "sha256" varchar(64) NOT NULL, "made_at" datetime NOT NULL, "content" BLOB NOT NULL
    );
    INSERT INTO "new__records_snapshot" ("id", "media_type", "sha256", "made_at", "content")
        SELECT "id", "media_type", "sha256", "made_at", "content" FROM "records_snapshot";
    DROP TABLE "records_snapshot";
    ALTER TABLE "new__records_snapshot" RENAME TO "records_snapshot";
    CREATE INDEX "records_snapshot_sha256_f6f2809a" ON "records_snapshot" ("sha256");
"""


def put_content_last(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for statement in AS_NOW.strip().split(";\n"):
            schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("records", "0003_notices_by_mail")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(put_content_last, migrations.RunPython.noop)],
            state_operations=[
                migrations.RemoveField("snapshot", "content"),
                migrations.AddField("snapshot", "content", models.BinaryField()),
            ],
        )
    ]
