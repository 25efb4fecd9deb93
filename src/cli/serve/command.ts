/** The command line of `coldstart serve`. */
import { Option, type Command } from 'commander';
import type { ServeOptions } from '../commands/serve.ts';
import { ARTIFACTS, identityOption, nodeOption, positive } from '../options/frequent.ts';
import type { CommonOptions, Session } from '../session.ts';

/** Adds arguments and options to the command; `done` receives the exit code. */
export function describeServe(command: Command, session: Session, done: (exitCode: number) => void): void {
  command
    .description("Serve each node's ISO, network boot files and layers over HTTPS, until interrupted.")
    .argument('[from]', 'an output folder, or cluster.yaml or its folder (default: the current folder)')
    .requiredOption('--listen <address:port>', 'address of this machine and port, e.g. 192.168.50.5:8443')
    .option('--host <name>', 'name or address in links and certificate (default: the address)')
    .option('--cert <file>', "certificate with its chain (default: the cluster's authority signs one)")
    .option('--key <file>', 'key of the certificate')
    .option('--plain-http', 'without TLS: everyone on the way can read the keys of the nodes')
    .option('--links <file>', "file for the nodes' links (default: links.jsonl in the output folder)")
    .option('--reusable-links', 'links stay valid after a download, for the client that used them first')
    .addOption(
      new Option('--connections-per-client <count>', 'connections of one address (default: 32)').argParser(positive),
    )
    .addOption(nodeOption('serve'))
    .option('--artifacts <folder>', ARTIFACTS)
    .addOption(identityOption())
    .action(async (from: string | undefined, options: CommonOptions & ServeOptions) => {
      const { serve } = await import('../commands/serve.ts');
      done(await serve(from, options, session));
    });
}
