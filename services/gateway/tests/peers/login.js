// An OpenID provider on npm's `oidc-provider`, with login and consent pages of its own. Who types the name `weak` is authenticated less surely than others,
// `nobody` gives up. GET /rotate changes the keys it signs with. Options are the first argument, as JSON: {redirects}. Ends with its standard input.
'use strict';
const http = require('http');
const { generateKeyPairSync } = require('crypto');

const options = JSON.parse(process.argv[2]);

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
    if (payload.uid) kept.set(`${this.model}-uid:${payload.uid}`, id);
  }
  async find(id) {
    return kept.get(this.key(id));
  }
  async findByUid(uid) {
    return this.find(kept.get(`${this.model}-uid:${uid}`));
  }
  async findByUserCode() {}
  async consume(id) {
    kept.get(this.key(id)).consumed = Math.floor(Date.now() / 1000);
  }
  async destroy(id) {
    kept.delete(this.key(id));
  }
  async revokeByGrantId(grantId) {
    for (const [key, payload] of kept) if (payload.grantId === grantId) kept.delete(key);
  }
}

async function main() {
  const { default: Provider } = await import(require.resolve('oidc-provider'));
  const server = http.createServer();
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  let keys = [newKey('first')];
  let provider;

  function start() {
    provider = new Provider(issuer, {
      adapter: Adapter,
      jwks: { keys },
      acrValues: ['low', 'substantial', 'high'],
      clients: [
        {
          client_id: 'straznica',
          client_secret: 'a secret of this test alone, long enough',
          redirect_uris: options.redirects,
          response_types: ['code'],
          grant_types: ['authorization_code'],
          token_endpoint_auth_method: 'client_secret_basic',
          id_token_signed_response_alg: 'ES256',
        },
      ],
      enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
      scopes: ['openid'],
      claims: { openid: ['sub', 'pesel', 'given_name', 'family_name'], acr: null, auth_time: null },
      pkce: { required: () => true },
      cookies: { keys: ['of this test alone'] },
      findAccount: (ctx, id) => ({
        accountId: id,
        claims: () => ({ sub: id, pesel: '99722812346', given_name: 'Anna', family_name: 'Próbna' }),
      }),
      interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
      features: { devInteractions: { enabled: false } },
    });
    return provider;
  }

  async function interaction(request, response) {
    const { uid, prompt, params } = await provider.interactionDetails(request, response);
    if (request.method === 'GET') {
      response.setHeader('content-type', 'text/html');
      const field = prompt.name === 'login' ? '<input name="login">' : '';
      return response.end(`<form method="post" action="/interaction/${uid}" data-prompt="${prompt.name}">${field}<button>Dalej</button></form>`);
    }
    let body = '';
    for await (const chunk of request) body += chunk;
    if (prompt.name === 'login') {
      const accountId = new URLSearchParams(body).get('login');
      if (accountId === 'nobody') {
        return provider.interactionFinished(request, response, { error: 'access_denied', error_description: 'given up' });
      }
      const acr = accountId === 'weak' ? 'low' : 'substantial';
      return provider.interactionFinished(request, response, { login: { accountId, acr } });
    }
    const { session } = await provider.interactionDetails(request, response);
    const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    grant.addOIDCScope('openid');
    grant.addOIDCClaims(['sub', 'pesel', 'given_name', 'family_name', 'acr', 'auth_time']);
    return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
  }

  let handle = start().callback();
  server.on('request', (request, response) => {
    if (request.url === '/rotate') {
      keys = [newKey('second')];
      handle = start().callback();
      return response.end();
    }
    if (request.url.startsWith('/interaction/')) {
      return interaction(request, response).catch((error) => {
        response.writeHead(500);
        response.end(error.stack);
      });
    }
    return handle(request, response);
  });
  process.stdout.write(JSON.stringify({ event: 'listening', issuer }) + '\n');
}

main();
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
