// dicomweb-client against an archive. Reads from standard input, as JSON: where the archive is, and files to store there that are to come back;
// says at the end how many calls it has made. A browser's XMLHttpRequest is played by xmlhttprequest-ssl.
//
//     url        of the DICOMweb service
//     token      for its Authorization header
//     patientId  of all files
//     instances  [{file, study, series, instance, frames, frameLength}]: native ones, whose pixel data is the last thing in the file
//     image      {file, study, series, instance, mediaType, transferSyntax}: a compressed one of one frame, of another patient
const assert = require('node:assert/strict');
const fs = require('node:fs');
const { api } = require('dicomweb-client');
const { XMLHttpRequest } = require('xmlhttprequest-ssl');

globalThis.XMLHttpRequest = XMLHttpRequest;
const task = JSON.parse(fs.readFileSync(0, 'utf8'));
const { instances, image } = task;
const contents = new Map([...instances, image].map((one) => [one.instance, fs.readFileSync(one.file)]));
const client = new api.DICOMwebClient({
  url: task.url,
  headers: { Authorization: `Bearer ${task.token}` },
  // A browser's sends an ArrayBuffer, too.
  requestHooks: [(request, metadata) => Object.create(request, { send: { value: (data) => request.send(data && Buffer.from(data)) } })],
  verbose: false,
});
let calls = 0;

function call(method, options) {
  calls++;
  return client[method](options);
}

const ofStudy = ({ study }) => ({ studyInstanceUID: study });
const ofSeries = (one) => ({ ...ofStudy(one), seriesInstanceUID: one.series });
const ofInstance = (one) => ({ ...ofSeries(one), sopInstanceUID: one.instance });
const value = (dataset, tag) => dataset[tag]?.Value?.[0];
const values = (datasets, tag) => datasets.map((dataset) => value(dataset, tag)).sort();
const arrayBuffer = (buffer) => buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength);

function same(parts, all) {
  assert.deepEqual(parts.map((part) => Buffer.from(part).toString('base64')).sort(), all.map((one) => contents.get(one.instance).toString('base64')).sort());
}

function frame({ instance, frames, frameLength }, number) {
  const file = contents.get(instance);
  const start = file.length - (frames - number + 1) * frameLength;
  return file.subarray(start, start + frameLength);
}

async function main() {
  const [first] = instances;
  const series = instances.filter((one) => one.series === first.series);
  const multi = instances.find((one) => one.frames > 2);

  let stored = JSON.parse(await call('storeInstances', { datasets: instances.map((one) => arrayBuffer(contents.get(one.instance))) }));
  assert.equal(stored['00081199'].Value.length, instances.length);
  stored = JSON.parse(await call('storeInstances', { ...ofStudy(image), datasets: [arrayBuffer(contents.get(image.instance))] }));
  assert.equal(stored['00081199'].Value.length, 1);
  await assert.rejects(call('storeInstances', { ...ofStudy(image), datasets: [arrayBuffer(contents.get(first.instance))] }), { status: 409 });

  assert.deepEqual(values(await call('searchForStudies', { queryParams: { PatientID: task.patientId } }), '0020000D'), [first.study]);
  assert.deepEqual(await call('searchForStudies', { queryParams: { PatientID: `${task.patientId}-other` } }), []);
  assert.deepEqual(values(await call('searchForSeries', ofStudy(first)), '0020000E'), [...new Set(instances.map((one) => one.series))].sort());
  assert.deepEqual(values(await call('searchForSeries', { queryParams: { SeriesInstanceUID: image.series } }), '0020000E'), [image.series]);
  assert.deepEqual(values(await call('searchForInstances', ofStudy(first)), '00080018'), instances.map((one) => one.instance).sort());
  assert.deepEqual(values(await call('searchForInstances', ofSeries(first)), '00080018'), series.map((one) => one.instance).sort());
  assert.deepEqual(values(await call('searchForInstances', { queryParams: { SOPInstanceUID: image.instance } }), '00080018'), [image.instance]);

  assert.deepEqual(values(await call('retrieveStudyMetadata', ofStudy(first)), '00080018'), instances.map((one) => one.instance).sort());
  assert.deepEqual(values(await call('retrieveSeriesMetadata', ofSeries(first)), '00080018'), series.map((one) => one.instance).sort());
  const [metadata] = await call('retrieveInstanceMetadata', ofInstance(multi));
  assert.equal(value(metadata, '00080018'), multi.instance);
  assert.equal(Number(value(metadata, '00280008')), multi.frames);

  same(await call('retrieveStudy', ofStudy(first)), instances);
  same(await call('retrieveSeries', ofSeries(first)), series);
  same([await call('retrieveInstance', ofInstance(first))], [first]);
  same([await call('retrieveInstance', ofInstance(image))], [image]);

  const frames = await call('retrieveInstanceFrames', { ...ofInstance(multi), frameNumbers: [1, 3] });
  assert.equal(frames.length, 2);
  assert.ok(frame(multi, 1).equals(Buffer.from(frames[0])));
  assert.ok(frame(multi, 3).equals(Buffer.from(frames[1])));
  const [compressed] = await call('retrieveInstanceFrames', {
    ...ofInstance(image), frameNumbers: [1], mediaTypes: [{ mediaType: image.mediaType, transferSyntaxUID: image.transferSyntax }],
  });
  assert.ok(compressed.byteLength > 100 && contents.get(image.instance).includes(Buffer.from(compressed)));
  assert.equal(compressed.contentType, image.mediaType);

  const [pixels] = await call('retrieveBulkData', { BulkDataURI: metadata['7FE00010'].BulkDataURI });
  assert.ok(contents.get(multi.instance).subarray(-multi.frames * multi.frameLength).equals(Buffer.from(pixels)));

  await assert.rejects(call('retrieveInstance', { ...ofInstance(first), sopInstanceUID: '2.25.1' }), { status: 404 });
  client.headers = { Authorization: 'Bearer nobody' };
  await assert.rejects(call('searchForStudies', {}), { status: 401 });
  console.log(`${calls} calls`);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
