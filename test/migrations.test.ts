import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readMigrations } from '../service/platform/database/index.ts'
import { stumblingBlocks } from './support/migration-rules.ts'

describe('migrations', () => {
  test('MIG-2 leave the release before able to work, unless what goes is recorded as a contract', async () => {
    const found = (await readMigrations()).flatMap(({ name, sql }) =>
      stumblingBlocks(sql).map((block) => `${name} ${block}`),
    )
    assert.deepEqual(found, [], 'see docs/rules/migrations.md: expand first, contract a release later')
  })

  test('MIG-2 the check notices what would break the release before', () => {
    const breaking = [
      'drop table service',
      'alter table service drop column summary',
      'alter table service drop summary',
      'alter table service rename column name to title',
      'alter table service rename to product',
      'alter table service alter column name type varchar(10)',
      'alter table service alter name set not null',
      'alter table service add column colour text not null',
      'alter table service add colour text not null',
      `alter table service add check (name <> '')`,
      'alter table service add constraint one unique (name)',
      'drop function service_gets_rollout',
      'truncate service',
      'DELETE FROM service',
    ]
    for (const statement of breaking) {
      assert.equal(stumblingBlocks(`${statement};`).length, 1, statement)
      const told = `-- contract since 0012: read nowhere any more.\n${statement};`
      assert.deepEqual(stumblingBlocks(told), [], statement)
    }
    const harmless = [
      'create table colour (name text not null, check (true)); alter table colour add check (true)',
      'alter table service add column colour text',
      `alter table service add column colour text not null default 'red', add column size integer`,
      'alter table service alter column name drop not null',
      'alter table service drop constraint one',
      'create index colour on service (name)',
      `-- drop table service\nupdate service set name = 'drop table service'`,
      'create function f() returns void language sql as $$ delete from service $$',
    ]
    for (const statement of harmless) assert.deepEqual(stumblingBlocks(statement), [], statement)
  })
})
