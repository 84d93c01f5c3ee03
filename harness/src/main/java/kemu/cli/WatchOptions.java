package kemu.cli;

import kemu.metrics.MetricsServer;
import kemu.option.UsageException;
import kemu.soak.Watching;
import picocli.CommandLine.Option;

/** Who looks at a run while it goes on. */
final class WatchOptions {
    private static final String LOOPBACK = "127.0.0.1";

    @Option(
            names = "--live",
            description = "tell rates, latencies, memory, RCU and leaks while it runs: on a terminal in place, every"
                    + " second; elsewhere every 15 seconds")
    private boolean live;

    @Option(
            names = "--metrics-port",
            paramLabel = "PORT",
            description = "serve metrics at http://127.0.0.1:PORT/metrics, as Prometheus text and OpenMetrics; 0 for"
                    + " any free port, which is told")
    private Integer port;

    @Option(
            names = "--metrics-host",
            paramLabel = "HOST",
            description = "serve them at this address of the host instead; anybody who reaches it may read them")
    private String host;

    /** Checks what was given and opens the port. Closed by whoever opens it. */
    Open open() {
        if (port == null) {
            if (host != null) {
                throw new UsageException("--metrics-host: needs --metrics-port");
            }
            return new Open(new Watching(live, source -> {}), null);
        }
        String at = host == null ? LOOPBACK : host;
        MetricsServer server = MetricsServer.open(at, port);
        System.err.println("kemu: metrics at http://" + at + ":" + server.port() + "/metrics");
        return new Open(new Watching(live, server::serve), server::close);
    }

    /** What was opened. */
    record Open(Watching watching, Runnable closing) implements AutoCloseable {
        @Override
        public void close() {
            if (closing != null) {
                closing.run();
            }
        }
    }
}
