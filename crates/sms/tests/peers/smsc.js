// A message centre on npm's `smpp`, with the faults of real ones. What it does with a message is the first word of its text:
//
//   plain       accepted, receipt as TLVs                     undeliv     accepted, text receipt UNDELIV
//   throttled   ESME_RTHROTTLED once, then plain              rejected    accepted, receipt REJECTED as TLVs
//   full        ESME_RMSGQFUL once, then plain                nobody      ESME_RINVDSTADR
//   lost        no answer, but a receipt                      sick        ESME_RSYSERR
//   cut         no answer, the connection is destroyed        doubled     accepted, the same receipt three times
//   early       receipt before the answer                     late        accepted, receipt after 300 ms
//   hexdec      answered in padded capital hexadecimal, receipt in decimal, as text only
//   dechex      answered in decimal, receipt in small hexadecimal without zeros, as text only
//   silent      accepted, no receipt                          coded       plain, 2 ms later
//   tardy       answered after 3 s, receipt after that
//
// A receipt that is not answered with status 0 is delivered again, on whichever connection is bound. What happens is told on standard output, a JSON
// object a line. Options are the first argument, as JSON: {port, key, cert, throttleEvery, quiet}.
'use strict';
const smpp = require('smpp');

const options = JSON.parse(process.argv[2] || '{}');
const tell = (event) => (options.quiet && event.event !== 'listening') || process.stdout.write(JSON.stringify(event) + '\n');
const refusedOnce = new Set();
const sessions = new Set();
let lastId = 0x0a0f00;
let submissions = 0;

function deliver(fields, attempt = 1) {
  const session = [...sessions].find((one) => one.receives);
  if (!session || attempt > 600) {
    if (attempt > 600) return tell({ event: 'given-up', text: fields.short_message });
    return setTimeout(() => deliver(fields, attempt + 1), 50);
  }
  let answered = false;
  const again = () => {
    if (!answered) {
      answered = true;
      setTimeout(() => deliver(fields, attempt + 1), 20);
    }
  };
  session.once('close', again);
  session.deliver_sm({ ...fields }, (response) => {
    session.removeListener('close', again);
    tell({ event: 'receipt-answered', id: fields.of, status: response.command_status, attempt });
    if (response.command_status !== 0) return again();
    answered = true;
  });
}

const base = (pdu, of) => ({
  of,
  esm_class: 4,
  source_addr_ton: 1,
  source_addr_npi: 1,
  source_addr: pdu.destination_addr,
  destination_addr: pdu.source_addr,
});
const text = (id, state) =>
  `id:${id} sub:001 dlvrd:001 submit date:2605280930 done date:2605280931 stat:${state} err:000 text:kod`;
const asTlvs = (pdu, id, state) => deliver({ ...base(pdu, id), receipted_message_id: id, message_state: state, short_message: '' });
const asText = (pdu, id, written, state) => deliver({ ...base(pdu, id), short_message: text(written, state) });

function submitted(session, pdu) {
  const message = pdu.short_message.message;
  const header = pdu.short_message.udh ? pdu.short_message.udh.map((element) => element.toString('hex')) : null;
  const word = message.split(' ')[0];
  tell({
    event: 'submit', text: message, header, to: pdu.destination_addr, from: pdu.source_addr, data_coding: pdu.data_coding,
    registered: pdu.registered_delivery, validity: pdu.validity_period, esm_class: pdu.esm_class, ton: pdu.source_addr_ton,
  });
  const number = ++lastId;
  const decimal = String(number);
  const refuse = (status) => session.send(pdu.response({ command_status: status }));
  const accept = (id) => session.send(pdu.response({ message_id: id }));
  const once = (status) => {
    if (refusedOnce.has(message)) return false;
    refusedOnce.add(message);
    refuse(status);
    return true;
  };
  submissions += 1;
  if (options.throttleEvery && submissions % options.throttleEvery === 0) {
    tell({ event: 'throttled' });
    return refuse(smpp.ESME_RTHROTTLED);
  }
  switch (word) {
    case 'throttled':
      if (once(smpp.ESME_RTHROTTLED)) return;
      break;
    case 'full':
      if (once(smpp.ESME_RMSGQFUL)) return;
      break;
    case 'nobody':
      return refuse(smpp.ESME_RINVDSTADR);
    case 'sick':
      return refuse(smpp.ESME_RSYSERR);
    case 'lost':
      return asTlvs(pdu, decimal, 2);
    case 'cut':
      return session.destroy();
    case 'early':
      asTlvs(pdu, decimal, 2);
      return setTimeout(() => accept(decimal), 100);
    case 'late':
      accept(decimal);
      return setTimeout(() => asTlvs(pdu, decimal, 2), 300);
    case 'doubled':
      accept(decimal);
      for (let time = 0; time < 3; time += 1) asTlvs(pdu, decimal, 2);
      return;
    case 'hexdec':
      accept(number.toString(16).toUpperCase().padStart(12, '0'));
      return asText(pdu, decimal, decimal.padStart(10, '0'), 'DELIVRD');
    case 'dechex':
      accept(decimal);
      return asText(pdu, decimal, number.toString(16), 'DELIVRD');
    case 'undeliv':
      accept(decimal);
      return asText(pdu, decimal, decimal, 'UNDELIV');
    case 'rejected':
      accept(decimal);
      return asTlvs(pdu, decimal, 8);
    case 'silent':
      return accept(decimal);
    case 'tardy':
      return setTimeout(() => {
        accept(decimal);
        asTlvs(pdu, decimal, 2);
      }, 3000);
    default:
  }
  accept(decimal);
  asTlvs(pdu, decimal, 2);
}

const server = smpp.createServer({ key: options.key, cert: options.cert }, (session) => {
  session.setMaxListeners(0);
  session.on('error', (error) => tell({ event: 'error', error: String(error) }));
  session.on('close', () => {
    sessions.delete(session);
    tell({ event: 'closed' });
  });
  for (const kind of ['bind_transceiver', 'bind_receiver', 'bind_transmitter']) {
    session.on(kind, (pdu) => {
      tell({ event: kind, system_id: pdu.system_id, version: pdu.interface_version });
      if (pdu.password !== 'tajne') {
        session.send(pdu.response({ command_status: smpp.ESME_RINVPASWD }));
        return session.close();
      }
      session.receives = kind !== 'bind_transmitter';
      session.send(pdu.response({ system_id: 'node' }));
      sessions.add(session);
    });
  }
  session.on('submit_sm', (pdu) => submitted(session, pdu));
  session.on('enquire_link', (pdu) => {
    tell({ event: 'enquired' });
    session.send(pdu.response());
  });
  session.on('unbind', (pdu) => {
    tell({ event: 'unbind' });
    session.send(pdu.response());
    session.close();
  });
});
server.on('tlsClientError', (error) => tell({ event: 'tls-error', error: String(error.code) }));
server.listen(options.port || 0, '127.0.0.1', () => tell({ event: 'listening', port: server.address().port }));
// The test holds the other end of standard input: when it is gone, so are we.
process.stdin.on('end', () => process.exit(0)).resume();
