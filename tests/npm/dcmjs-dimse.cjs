// dcmjs-dimse against an archive. Reads from standard input, as JSON: where the archive is, who calls, and what to do; prints, as JSON, what came of it.
//
//     archive      {port, aeTitle}, spoken to over TLS
//     tls          {key, cert, ca}: PEM files
//     reader       the AE title of a peer that may store, search and read
//     holder       the AE title of a peer that may store; with token, a policy token, it may what that says
//     destination  {port, aeTitle} of a C-MOVE destination, which is this program
//     files        what to store
//     study        its Study Instance UID
//     folder       where to write what C-GET and C-MOVE bring: got-UID, moved-UID
const fs = require('node:fs');
const path = require('node:path');
const { Client, Server, Scp, log, requests, responses, constants } = require('dcmjs-dimse');

const { Status, PresentationContextResult, StorageClass, TransferSyntax, UserIdentityType } = constants;
log.setLevel('warn');
const task = JSON.parse(fs.readFileSync(0, 'utf8'));
const securityOptions = {
  key: fs.readFileSync(task.tls.key),
  cert: fs.readFileSync(task.tls.cert),
  ca: fs.readFileSync(task.tls.ca),
  requestCert: true,
  rejectUnauthorized: true,
};

/** Sends requests over one association; gives all responses, in the order in which they came. */
function send(callingAE, all, { options = {}, onStore = null } = {}) {
  return new Promise((resolve, reject) => {
    const client = new Client();
    const answers = [];
    for (const request of all) {
      request.on('response', (response) => answers.push(response));
      client.addRequest(request);
    }
    if (onStore) {
      client.on('cStoreRequest', onStore);
    }
    client.on('associationRejected', (result) => reject(new Error(`rejected: ${JSON.stringify(result)}`)));
    client.on('networkError', reject);
    client.on('closed', () => resolve(answers));
    client.send('localhost', task.archive.port, callingAE, task.archive.aeTitle, { securityOptions, ...options });
  });
}

function keep(prefix) {
  return (request, callback) => {
    const dataset = request.getDataset();
    dataset.toFile(path.join(task.folder, `${prefix}-${dataset.getElement('SOPInstanceUID')}`));
    const response = responses.CStoreResponse.fromRequest(request);
    response.setStatus(Status.Success);
    callback(response);
  };
}

class Destination extends Scp {
  associationRequested(requested) {
    for (const { id } of requested.getPresentationContexts()) {
      const context = requested.getPresentationContext(id);
      context.setResult(
        Object.values(StorageClass).includes(context.getAbstractSyntaxUid()) ? PresentationContextResult.Accept : PresentationContextResult.RejectAbstractSyntaxNotSupported,
        context.getTransferSyntaxUids()[0]);
    }
    this.sendAssociationAccept();
  }

  cStoreRequest(request, callback) {
    keep('moved')(request, callback);
  }

  associationReleaseRequested() {
    this.sendAssociationReleaseResponse();
  }
}

const statuses = (answers) => answers.map((answer) => answer.getStatus());
const found = (answers, keyword) => ({
  statuses: statuses(answers),
  values: answers.filter((answer) => answer.hasDataset()).map((answer) => answer.getDataset().getElement(keyword)),
});

async function main() {
  const { CEchoRequest, CStoreRequest, CFindRequest, CGetRequest, CMoveRequest } = requests;
  const { reader, study } = task;
  const result = {};
  result.echo = statuses(await send(reader, [new CEchoRequest()]));
  result.store = statuses(await send(reader, task.files.map((file) => new CStoreRequest(file))));

  result.studies = found(await send(reader, [CFindRequest.createStudyFindRequest({ StudyInstanceUID: study, PatientName: 'Dcmjs*' })]), 'PatientName');
  result.series = found(await send(reader, [CFindRequest.createSeriesFindRequest({ StudyInstanceUID: study, SeriesInstanceUID: '' })]), 'SeriesInstanceUID');
  result.instances = found(await send(reader, [CFindRequest.createImageFindRequest({ StudyInstanceUID: study, SOPInstanceUID: '' })]), 'SOPInstanceUID');
  result.nothing = found(await send(reader, [CFindRequest.createStudyFindRequest({ StudyInstanceUID: study, PatientName: 'Other*' })]), 'PatientName');

  const get = CGetRequest.createStudyGetRequest(study);
  result.get = statuses(await send(reader, [get], { onStore: keep('got') }));

  const server = new Server(Destination);
  server.on('networkError', (error) => { throw error; });
  await new Promise((resolve) => {
    server.on('listening', resolve);
    server.listen(task.destination.port, { securityOptions });
  });
  result.move = statuses(await send(reader, [CMoveRequest.createStudyMoveRequest(task.destination.aeTitle, study)]));
  server.close();

  // A policy token in User Identity, without a certificate.
  const options = {
    securityOptions: { ca: securityOptions.ca, rejectUnauthorized: true },
    userIdentity: { type: UserIdentityType.Jwt, positiveResponseRequested: true, primaryField: task.token },
  };
  result.byToken = found(await send(task.holder, [CFindRequest.createStudyFindRequest({ StudyInstanceUID: study, PatientName: '' })], { options }), 'PatientName');
  console.log(JSON.stringify(result));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
