// A Windows event log with one record, as the service writes it: a header of 4 KiB, a chunk of 64 KiB,
// in it the event as binary XML without a template.

const HEADER = 4096;
const CHUNK = 65536;
/** Where the records of a chunk begin. */
const FIRST = 512;

/** Elements are `[name, attributes, ...elements or a text]`. */
export function evtx(element, recordId = 1) {
  const bytes = [];
  const at = () => FIRST + bytes.length;
  const u16 = (value) => bytes.push(value & 255, (value >> 8) & 255);
  const u32 = (value) => (u16(value), u16(value >>> 16));
  const put = (offset, value) => [0, 8, 16, 24].forEach((shift, place) => (bytes[offset + place] = (value >>> shift) & 255));
  const text = (value) => (u16(value.length), [...value].forEach((letter) => u16(letter.charCodeAt(0))));
  const name = (value) => {
    // A name that is written here: its own place, the next of the same hash, the hash, the text.
    u32(at() + 4);
    u32(0);
    u16([...value].reduce((hash, letter) => (hash * 65599 + letter.charCodeAt(0)) >>> 0, 0));
    text(value);
    u16(0);
  };
  const write = ([own, attributes, ...content]) => {
    const pairs = Object.entries(attributes);
    bytes.push(pairs.length > 0 ? 0x41 : 0x01);
    const size = bytes.length;
    u32(0);
    name(own);
    if (pairs.length > 0) {
      const list = bytes.length;
      u32(0);
      pairs.forEach(([key, value], number) => {
        bytes.push(number + 1 < pairs.length ? 0x46 : 0x06);
        name(key);
        bytes.push(0x05, 0x01);
        text(value);
      });
      put(list, bytes.length - list - 4);
    }
    bytes.push(0x02);
    for (const part of content) {
      if (typeof part === "string") {
        bytes.push(0x05, 0x01);
        text(part);
      } else write(part);
    }
    bytes.push(0x04);
    put(size, bytes.length - size - 4);
  };

  // The record: its signature, size, number and time; then the fragment, and the size once more.
  u32(0x00002a2a);
  u32(0);
  u32(recordId);
  u32(0);
  u32(0xd53e8000);
  u32(0x01da0000);
  bytes.push(0x0f, 1, 1, 0);
  write(element);
  bytes.push(0x00);
  const size = bytes.length + 4;
  put(4, size);
  u32(size);

  const file = new DataView(new ArrayBuffer(HEADER + CHUNK));
  const letters = (offset, value) => [...value].forEach((letter, place) => file.setUint8(offset + place, letter.charCodeAt(0)));
  letters(0, "ElfFile\0");
  file.setUint32(24, recordId + 1, true);
  file.setUint32(32, 128, true);
  file.setUint16(36, 1, true);
  file.setUint16(38, 3, true);
  file.setUint16(40, HEADER, true);
  file.setUint16(42, 1, true);
  file.setUint32(124, crc32(file, 0, 120), true);
  letters(HEADER, "ElfChnk\0");
  for (const offset of [8, 16, 24, 32]) file.setUint32(HEADER + offset, recordId, true);
  file.setUint32(HEADER + 40, 128, true);
  file.setUint32(HEADER + 44, FIRST, true);
  file.setUint32(HEADER + 48, FIRST + bytes.length, true);
  bytes.forEach((byte, place) => file.setUint8(HEADER + FIRST + place, byte));
  file.setUint32(HEADER + 52, crc32(file, HEADER + FIRST, bytes.length), true);
  // The chunk's own header: all of it but its checksum's place.
  const head = new DataView(new ArrayBuffer(120 + 384));
  for (let place = 0; place < 120; place += 1) head.setUint8(place, file.getUint8(HEADER + place));
  for (let place = 0; place < 384; place += 1) head.setUint8(120 + place, file.getUint8(HEADER + 128 + place));
  file.setUint32(HEADER + 124, crc32(head, 0, 504), true);
  return new Uint8Array(file.buffer);
}

function crc32(view, from, length) {
  let crc = 0xffffffff;
  for (let place = from; place < from + length; place += 1) {
    crc ^= view.getUint8(place);
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** A process that started, as Sysmon logs it. */
export const started = (image, parent) =>
  evtx([
    "Event",
    {},
    ["System", {}, ["Provider", { Name: "Microsoft-Windows-Sysmon" }], ["EventID", {}, "1"], ["Channel", {}, "Microsoft-Windows-Sysmon/Operational"], ["Computer", {}, "desk"]],
    ["EventData", {}, ["Data", { Name: "Image" }, image], ["Data", { Name: "ParentImage" }, parent], ["Data", { Name: "CommandLine" }, "cmd /c dir"]],
  ]);
