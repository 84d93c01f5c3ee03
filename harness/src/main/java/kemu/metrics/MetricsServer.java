package kemu.metrics;

import io.prometheus.metrics.exporter.httpserver.HTTPServer;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import kemu.host.SafeFiles;
import kemu.option.UsageException;

/**
 * Serves {@code /metrics} as Prometheus text or OpenMetrics, whichever is asked for. One thread answers, from what the
 * reporter has seen last: a scrape reads no emulated memory and takes no lock that a run needs.
 */
public final class MetricsServer implements AutoCloseable {
    private static final int MOST_PORT = 65_535;

    private final HTTPServer server;
    private final ExecutorService answering;
    private volatile MetricsSource source;

    private MetricsServer(String host, int port) throws IOException {
        PrometheusRegistry registry = new PrometheusRegistry();
        registry.register(this::collect);
        answering = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name("kemu-metrics").factory());
        try {
            server = HTTPServer.builder()
                    .inetAddress(InetAddress.getByName(host))
                    .port(port)
                    .executorService(answering)
                    .registry(registry)
                    .buildAndStart();
        } catch (IOException failed) {
            answering.shutdownNow();
            throw failed;
        }
    }

    /**
     * Listens at {@code port} of {@code host}; 0 for any port that is free.
     *
     * @throws UsageException if it cannot
     */
    public static MetricsServer open(String host, int port) {
        UsageException.requireRange("--metrics-port", port, 0, MOST_PORT);
        try {
            return new MetricsServer(host, port);
        } catch (UnknownHostException unknown) {
            throw new UsageException("--metrics-host: " + host + " (allowed: a name or an address of this host)");
        } catch (IOException cannot) {
            throw new UsageException(
                    "--metrics-port: cannot listen at " + host + ":" + port + " (" + SafeFiles.reason(cannot) + ")");
        }
    }

    /** Where it listens. */
    public int port() {
        return server.getPort();
    }

    /** From now on there is a run. */
    public void serve(MetricsSource run) {
        source = run;
    }

    private MetricSnapshots collect() {
        MetricsSource run = source;
        return run == null ? MetricSnapshots.of() : Families.of(run);
    }

    @Override
    public void close() {
        server.close();
        answering.shutdownNow();
    }
}
