import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serve } from '../../test/support/api/serve.ts'

/** @source Docker Engine API v1.51, the list of its operations */
const dockersRoutes = `
GET /containers/json
POST /containers/create /containers/x/resize /containers/x/start /containers/x/stop /containers/x/restart /containers/x/kill
POST /containers/x/update /containers/x/rename /containers/x/pause /containers/x/unpause /containers/x/attach
POST /containers/x/wait /containers/prune /containers/x/exec
GET /containers/x/json /containers/x/top /containers/x/logs /containers/x/changes /containers/x/export /containers/x/stats
GET /containers/x/attach/ws /containers/x/archive
HEAD /containers/x/archive
PUT /containers/x/archive
DELETE /containers/x
GET /images/json /images/x/json /images/x/history /images/search /images/x/get /images/get
POST /build /build/prune /images/create /images/x/push /images/x/tag /images/prune /images/load /auth /commit /session
DELETE /images/x
GET /info /version /_ping /events?until=1 /system/df /distribution/x/json
HEAD /_ping
POST /exec/x/start /exec/x/resize
GET /exec/x/json
GET /volumes /volumes/x /networks /networks/x
POST /volumes/create /volumes/prune /networks/create /networks/x/connect /networks/x/disconnect /networks/prune
PUT /volumes/x
DELETE /volumes/x /networks/x
GET /plugins /plugins/privileges /plugins/x/json
POST /plugins/pull /plugins/create /plugins/x/enable /plugins/x/disable /plugins/x/upgrade /plugins/x/push /plugins/x/set
DELETE /plugins/x
GET /swarm /swarm/unlockkey /nodes /nodes/x /services /services/x /services/x/logs /tasks /tasks/x /tasks/x/logs
GET /secrets /secrets/x /configs /configs/x
POST /swarm/init /swarm/join /swarm/leave /swarm/update /swarm/unlock /nodes/x/update
POST /services/create /services/x/update /secrets/create /secrets/x/update /configs/create /configs/x/update
DELETE /nodes/x /services/x /secrets/x /configs/x`

const missing = `
GET /images/search
POST /session
GET /plugins/privileges
POST /plugins/pull /plugins/create /plugins/x/enable /plugins/x/disable /plugins/x/upgrade /plugins/x/push /plugins/x/set
DELETE /plugins/x
GET /swarm/unlockkey /services/x/logs /tasks/x/logs
POST /swarm/init /swarm/join /swarm/leave /swarm/update /swarm/unlock /nodes/x/update
POST /services/create /services/x/update /secrets/create /secrets/x/update /configs/create /configs/x/update
DELETE /nodes/x /services/x /secrets/x /configs/x`

const routes = (text: string) =>
  text.split('\n').flatMap((line) => {
    const [method = '', ...paths] = line.split(' ')
    return paths.map((path) => `${method} ${path}`)
  })

test('the routes of Docker’s API that answer 501 are these', async () => {
  await using api = await serve()
  const refused: string[] = []
  for (const route of routes(dockersRoutes)) {
    const [method = '', path = ''] = route.split(' ')
    if ((await api.ask(method, path)).status === 501) refused.push(route)
  }
  assert.deepEqual(refused, routes(missing))
})
