package kemu.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import kemu.mm.page.VmStatItem;
import kemu.option.UsageException;
import kemu.soak.Measured;
import kemu.soak.RunConfig;
import kemu.soak.RunSession;
import kemu.soak.Watching;
import kemu.trace.Traces;
import kemu.workload.Kbuild;
import org.junit.jupiter.api.Test;

class MetricsServerTest {
    private static final String LOOPBACK = "127.0.0.1";

    private static String get(int port, String accept) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + LOOPBACK + ":" + port + "/metrics"))
                .header("Accept", accept)
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        }
    }

    private static void run(Watching watching) throws Exception {
        RunConfig config = new RunConfig(
                "kbuild",
                2,
                64L << 20,
                64L << 20,
                1,
                "root-recheck",
                "mmap-sem",
                "with-barrier",
                0,
                "off",
                0,
                "never",
                false,
                0,
                "ticket",
                true,
                "sched",
                false,
                0,
                Set.of(),
                new Measured(true, true, null, 0),
                List.of(),
                null);
        RunSession session = new RunSession(config, System.err);
        session.watchedBy(watching);
        session.run((kernel, counts) -> new Kbuild(kernel, counts, Traces.bundled(), 1, 1, false, false));
    }

    @Test
    void shouldServeARunInBothFormats() throws Exception {
        try (MetricsServer server = MetricsServer.open(LOOPBACK, 0)) {
            assertEquals("", get(server.port(), "text/plain"));
            run(new Watching(false, server::serve));
            String text = get(server.port(), "text/plain");
            for (VmStatItem item : VmStatItem.values()) {
                assertTrue(text.contains("\nkemu_vmstat_" + item.key()), item.key());
            }
            for (String line : List.of(
                    "kemu_run_info{anon_vma=\"root-recheck\"",
                    "kemu_slab_objects{cache=\"anon_vma\"} ",
                    "kemu_latency_seconds{tag=\"fork\",quantile=\"0.99\"} ",
                    "kemu_latency_seconds_count{tag=\"fork\"} ",
                    "kemu_processes_total 72.0",
                    "kemu_rcu_grace_period_age_seconds ",
                    "kemu_lock_hold_seconds{class=\"pte_lock\",kind=\"spinlock\",mode=\"own\",quantile=\"0.99\"} ",
                    "kemu_lock_hold_seconds_count{class=\"mm->mmap_sem\",kind=\"rwsem\",mode=\"read\"} ",
                    "kemu_lock_wait_seconds_sum{class=\"mm->mmap_sem\",kind=\"rwsem\",mode=\"write\"} ",
                    "kemu_forks_total ")) {
                assertTrue(text.contains(line), () -> line + " in: " + text);
            }
            String open = get(server.port(), "application/openmetrics-text; version=1.0.0");
            assertTrue(open.endsWith("# EOF\n"), open);
            assertTrue(open.contains("# TYPE kemu_latency_seconds summary"), open);
        }
    }

    @Test
    void shouldSayInOneLineWhyItCannotListen() {
        try (MetricsServer server = MetricsServer.open(LOOPBACK, 0)) {
            String taken = assertThrows(UsageException.class, () -> MetricsServer.open(LOOPBACK, server.port()))
                    .getMessage();
            assertEquals(
                    "--metrics-port: cannot listen at 127.0.0.1:" + server.port() + " (Address already in use)", taken);
        }
        assertThrows(UsageException.class, () -> MetricsServer.open(LOOPBACK, 65_536));
        String nowhere = assertThrows(UsageException.class, () -> MetricsServer.open("no such host", 0))
                .getMessage();
        assertTrue(nowhere.toLowerCase(Locale.ROOT).contains("no such host"), nowhere);
        assertEquals(1, Arrays.stream(nowhere.split("\n")).count());
    }
}
