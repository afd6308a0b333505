// node boot.mjs FOLDER NETWORK.json: a PLC directory, a PDS and an AppView on loopback ports, until SIGTERM.
// FOLDER holds node_modules with @atproto/dev-env; DB_POSTGRES_URL and REDIS_HOST name a PostgreSQL and a Redis.
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { createRequire } from 'node:module'

const [folder, output] = process.argv.slice(2)
const base = Number(process.env.BASE_PORT ?? 2580)

// The package listens on every interface; what is asked for by port alone stays on this machine.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (first, ...rest) {
  if (typeof first === 'number') return listen.call(this, { port: first, host: '127.0.0.1' }, ...rest.filter((x) => typeof x === 'function'))
  if (first?.port !== undefined) return listen.call(this, { ...first, host: '127.0.0.1' }, ...rest)
  return listen.call(this, first, ...rest)
}

const { TestNetwork } = createRequire(path.resolve(folder, 'x.js'))('@atproto/dev-env')
const network = await TestNetwork.create({
  dbPostgresSchema: 'city',
  plc: { port: base + 2 },
  pds: { port: base + 3, hostname: 'localhost', enableDidDocWithSession: true },
  bsky: { port: base + 4, dbPostgresSchema: 'bsky', publicUrl: `http://localhost:${base + 4}` },
  ozone: { port: base + 7 },
})
const mailer = network.pds.ctx.mailer
if (mailer?.transporter) mailer.transporter.sendMail = async () => ({}) // no mail leaves the machine
fs.writeFileSync(output, JSON.stringify({
  pid: process.pid, plc: network.plc.url, pds: network.pds.url, appview: network.bsky.url, pds_admin: 'admin:admin-pass',
}, null, 1))
process.on('SIGTERM', async () => { await network.close(); process.exit(0) })
