/** Datagrams with a source address of one's choice, sent by a container that has NET_RAW (Docker's default). */
import { existsSync } from 'node:fs'

/** Perl is in every Debian; without it such packets are not tried. */
export const PERL = '/usr/bin/perl'
export const canForge = existsSync(PERL)

export interface Datagram {
  /**
   * `plain`: an ordinary socket; `ip`: a raw socket, which the firewall of its own namespace sees; `link`: straight onto the
   * link, past that firewall.
   */
  readonly how: 'plain' | 'ip' | 'link'
  /** Source; nothing for `plain`. */
  readonly from?: string
  readonly to: string
  readonly port: number
  readonly text: string
}

const PROGRAM = String.raw`
use strict; use warnings;
my ($if, $gate) = splice @ARGV, 0, 2;
sub address { pack 'C4', split /\./, shift }
sub slurp { open my $f, '<', shift or die $!; local $/; <$f> }
sub checksum { my $sum = 0; $sum += $_ for unpack 'n*', shift; $sum = ($sum & 0xffff) + ($sum >> 16) while $sum >> 16; ~$sum & 0xffff }
sub packet {
  my ($from, $to, $port, $text) = @_;
  my $udp = pack('nnnn', 40000, $port, 8 + length $text, 0) . $text;
  my $head = pack 'CCnnnCCna4a4', 0x45, 0, 20 + length $udp, 1, 0, 64, 17, 0, address($from), address($to);
  substr $head, 10, 2, pack 'n', checksum($head);
  $head . $udp;
}
sub hardware {
  for (1 .. 200) { return pack 'H12', $1 =~ s/://gr if slurp('/proc/net/arp') =~ /^\Q$gate\E .*0x2 +(\S+)/m; select undef, undef, undef, 0.02 }
  die "no answer from $gate";
}
while (my ($how, $from, $to, $port, $text) = splice @ARGV, 0, 5) {
  my $name = pack 'Sna4x8', 2, $port, address($to);
  if ($how eq 'plain') { socket my $s, 2, 2, 0 or die $!; send $s, $text, 0, $name or die $! }
  elsif ($how eq 'ip') { socket my $s, 2, 3, 255 or die $!; send $s, packet($from, $to, $port, $text), 0, $name or warn "$text: $!" }
  else {
    my $link = pack 'SniSCCa8', 17, 0x0800, slurp("/sys/class/net/$if/ifindex"), 1, 0, 6, hardware();
    socket my $s, 17, 2, 8 or die $!; send $s, packet($from, $to, $port, $text), 0, $link or die $!
  }
}
`

/** Words of a command that sends them in this order. `gate`: whom the link leads to, already spoken to by a `plain` one. */
export const sendInContainer = (link: string, gate: string, datagrams: readonly Datagram[]): readonly string[] => [
  PERL, '-e', PROGRAM, link, gate,
  ...datagrams.flatMap(({ how, from = '', to, port, text }) => [how, from, to, String(port), text]),
]
