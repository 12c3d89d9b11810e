import pg from 'pg'

/** A connection of its own. One that breaks tells those who wait for it; told to nobody else, it would end the process. */
export function newClient(config: pg.ClientConfig): pg.Client {
  const client = new pg.Client(config)
  client.on('error', () => {})
  return client
}
