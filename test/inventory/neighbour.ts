/** A switch at the other end of a cable: says by LLDP (IEEE 802.1AB) who it is. QEMU takes each UDP datagram as one Ethernet frame. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

interface Neighbour {
  /** Of QEMU: a netdev with this id whose other end is the switch. */
  readonly netdev: (id: string) => readonly string[];
  readonly leave: () => void;
}

const SECONDS = 5;
/** Address of "nearest bridge", any address of a switch, the EtherType of LLDP. */
const HEAD = Buffer.from('0180c200000e' + '025400999901' + '88cc', 'hex');

/** @param mine a free UDP port of loopback for the switch @param theirs one for QEMU */
export async function neighbour(system: string, port: string, mine: number, theirs: number): Promise<Neighbour> {
  const socket = createSocket('udp4');
  socket.on('error', () => undefined); // nobody listens yet, or any more
  socket.bind(mine, '127.0.0.1');
  await once(socket, 'listening');
  const frame = Buffer.concat([HEAD, ...advertisement(system, port)]);
  const timer = setInterval(() => {
    socket.send(frame, theirs, '127.0.0.1');
  }, SECONDS * 1000);
  return {
    netdev: (id) => ['-netdev', `socket,id=${id},udp=127.0.0.1:${mine},localaddr=127.0.0.1:${theirs}`],
    leave: () => {
      clearInterval(timer);
      socket.close();
    },
  };
}

/** Chassis and port by a name that the switch gives, time to live, description of the port, name of the system, end. */
const advertisement = (system: string, port: string): Buffer[] => [
  tlv(1, Buffer.from(`\u0007${system}`)),
  tlv(2, Buffer.from('\u0007Eth1/7')),
  tlv(3, Buffer.from([0, 120])),
  tlv(4, Buffer.from(port)),
  tlv(5, Buffer.from(system)),
  tlv(0, Buffer.alloc(0)),
];

/** Seven bits of type, nine of length. */
function tlv(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE((type << 9) | value.length);
  return Buffer.concat([head, value]);
}
