import { chmodSync, closeSync, existsSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { Collection, Store, StoredRecord } from './store.ts'

const schema = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA busy_timeout = 2000;
  CREATE TABLE IF NOT EXISTS record (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    collection TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    UNIQUE (collection, key)
  );
`

/** Secrets are among the records: nobody but the owner reads them. The files beside it get the mode of the first. */
function keepPrivate(path: string): void {
  closeSync(openSync(path, 'a', 0o600))
  const files = [path, `${path}-wal`, `${path}-shm`]
  for (const file of files) if (existsSync(file)) chmodSync(file, 0o600) // one of an earlier engine
}

/**
 * Opens the store in one SQLite file; makes it when it is missing.
 *
 * `synchronous = NORMAL` with WAL survives a killed process; a power cut may lose the last transactions,
 * never the file's consistency.
 *
 * @throws {Error} with SQLite's words when the file cannot be opened or is not a database
 */
export function openSqliteStore(path: string): Store {
  if (path !== ':memory:') keepPrivate(path)
  const database = new DatabaseSync(path)
  database.exec(schema)
  const statements = {
    get: database.prepare('SELECT value FROM record WHERE collection = ? AND key = ?'),
    put: database.prepare(
      'INSERT INTO record (collection, key, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
    ),
    delete: database.prepare('DELETE FROM record WHERE collection = ? AND key = ?'),
    list: database.prepare('SELECT value FROM record WHERE collection = ? ORDER BY sequence'),
  }
  const parse = <T>(row: Record<string, unknown>): T => JSON.parse(row['value'] as string) as T

  function collection<T extends StoredRecord>(name: string): Collection<T> {
    return {
      get(key) {
        const row = statements.get.get(name, key)
        return row && parse<T>(row)
      },
      put: (key, record) => void statements.put.run(name, key, JSON.stringify(record)),
      delete: (key) => void statements.delete.run(name, key),
      list: () => statements.list.all(name).map((row) => parse<T>(row)),
    }
  }

  let depth = 0
  function transaction<T>(body: () => T): T {
    if (depth > 0) return body() // the outermost transaction decides for all
    database.exec('BEGIN IMMEDIATE')
    depth++
    try {
      const result = body()
      database.exec('COMMIT')
      return result
    } catch (error) {
      database.exec('ROLLBACK')
      throw error
    } finally {
      depth--
    }
  }

  return { collection, transaction, [Symbol.dispose]: () => database.close() }
}
