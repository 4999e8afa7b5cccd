// An OpenID provider with CIBA on npm's `oidc-provider`. What the citizen does is the last two digits of the number that is asked:
//
//   00  approves at once            05  approves, but the level is the weakest
//   01  refuses                     06  approves; that is told before the question is answered for (ping)
//   02  never answers               07  approves after the keys were rotated
//   03  is not known                08  approves after 2 s
//   04  approves; auth_time is old  09  approves; rung for three times (ping)
//
// A text with "%" in it is refused. The library knows no slow_down: it is answered before it, to a look within a second of the one before. What happens is
// told on standard output, a JSON object a line. Options are the first argument, as JSON: {jwks, delivery, notify, slowDown}.
'use strict';
const http = require('http');
const { generateKeyPairSync } = require('crypto');

const options = JSON.parse(process.argv[2]);
const tell = (event) => process.stdout.write(JSON.stringify(event) + '\n');

function newKey(kid) {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' };
}

// Kept across the change of keys.
const kept = new Map();
class Adapter {
  constructor(model) {
    this.model = model;
  }
  key(id) {
    return `${this.model}:${id}`;
  }
  async upsert(id, payload) {
    kept.set(this.key(id), payload);
  }
  async find(id) {
    return kept.get(this.key(id));
  }
  async findByUid() {}
  async findByUserCode() {}
  async consume(id) {
    kept.get(this.key(id)).consumed = Math.floor(Date.now() / 1000);
  }
  async destroy(id) {
    kept.delete(this.key(id));
  }
  async revokeByGrantId() {}
}

async function main() {
  const { default: Provider, errors } = await import(require.resolve('oidc-provider'));
  const server = http.createServer();
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  let current;

  async function answer(provider, request, what) {
    const act = async (result, context) => {
      // A ring that fails concerns the ring alone.
      await provider.backchannelResult(request, result, context).catch((error) => tell({ event: 'ring-failed', why: error.message }));
    };
    if (what === '01') return act(new errors.AccessDenied('the citizen refused'));
    const grant = new provider.Grant({ accountId: request.accountId, clientId: request.clientId });
    grant.addOIDCScope('openid');
    const grantId = await grant.save();
    const now = Math.floor(Date.now() / 1000);
    const context = { acr: what === '05' ? 'low' : 'high', authTime: what === '04' ? now - 3600 : now };
    await act(grantId, context);
    if (what === '09') {
      const client = await provider.Client.find(request.clientId);
      for (let again = 0; again < 2; again += 1) await client.backchannelPing(request).catch((error) => tell({ event: 'ring-failed', why: error.message }));
    }
    tell({ event: 'answered', what });
  }

  function start(keys) {
    const provider = new Provider(issuer, {
      adapter: Adapter,
      jwks: { keys },
      acrValues: ['low', 'high'],
      clients: [
        {
          client_id: 'straznica',
          grant_types: ['urn:openid:params:grant-type:ciba'],
          redirect_uris: [],
          response_types: [],
          token_endpoint_auth_method: 'private_key_jwt',
          token_endpoint_auth_signing_alg: 'ES256',
          id_token_signed_response_alg: 'ES256',
          // Without it the library leaves auth_time out, and the client believes nothing.
          require_auth_time: true,
          backchannel_token_delivery_mode: options.delivery,
          ...(options.notify ? { backchannel_client_notification_endpoint: 'https://straznica.example/ping' } : {}),
          jwks: options.jwks,
        },
      ],
      clientAuthMethods: ['private_key_jwt'],
      enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
      scopes: ['openid'],
      ttl: { BackchannelAuthenticationRequest: (ctx) => Number(ctx?.oidc?.params.requested_expiry || 60) },
      findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
      // The library registers https addresses only, and refuses to call this machine: what it would send goes there all the same.
      fetch: async (url, { method, headers, body }) => {
        const answer = await fetch(options.notify, { method, headers, body });
        tell({ event: 'ring', to: String(url), status: answer.status });
        return answer;
      },
      features: {
        devInteractions: { enabled: false },
        ciba: {
          enabled: true,
          deliveryModes: [options.delivery],
          processLoginHint: (ctx, hint) => (hint.endsWith('03') ? undefined : `subject-${hint.slice(-2)}`),
          validateBindingMessage: (ctx, text) => {
            tell({ event: 'text', text });
            if (text.includes('%')) throw new errors.InvalidBindingMessage('a character phones do not have');
          },
          validateRequestContext: () => {},
          verifyUserCode: () => {},
          triggerAuthenticationDevice: async (ctx, request) => {
            const what = ctx.oidc.params.login_hint.slice(-2);
            tell({ event: 'asked', what, acr_values: ctx.oidc.params.acr_values, expiry: ctx.oidc.params.requested_expiry });
            if (what === '02') return;
            if (what === '06') return answer(provider, request, what);
            setTimeout(() => {
              if (what === '07') current = start([newKey('second')]).callback();
              answer(provider, request, what);
            }, what === '08' ? 2000 : 50);
          },
        },
      },
    });
    provider.on('server_error', (ctx, error) => tell({ event: 'error', why: error.stack }));
    provider.on('grant.error', (ctx, error) => tell({ event: 'grant-error', code: error.error, detail: error.error_detail }));
    provider.on('backchannel_authentication.error', (ctx, error) => tell({ event: 'refused', code: error.error, detail: error.error_detail }));
    return provider;
  }

  let lastLook = 0;
  current = start([newKey('first')]).callback();
  server.on('request', (request, response) => {
    if (request.url === '/token') {
      const since = Date.now() - lastLook;
      lastLook = Date.now();
      tell({ event: 'look', since });
      if (options.slowDown && since < 1000) {
        response.writeHead(400, { 'content-type': 'application/json' });
        return response.end(JSON.stringify({ error: 'slow_down' }));
      }
    }
    return current(request, response);
  });
  tell({ event: 'listening', issuer });
}

main();
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
