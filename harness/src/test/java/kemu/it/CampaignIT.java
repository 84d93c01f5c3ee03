package kemu.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Campaigns by real processes: a Slurm of one node if {@code it/slurm start} has been called, a kubectl that is not.
 */
class CampaignIT {
    private static final String SMALL = """
            name: small
            scenarios: rmap-hang-child
            strategies: {anon-vma: [root-recheck, root-reread]}
            search: pct
            seeds: [3, 4]
            executions: 50
            kubernetes: {image: kemu, claim: results}
            """;

    @TempDir
    private Path dir;

    @BeforeEach
    void writeFile() throws IOException {
        Files.writeString(dir.resolve("c.yaml"), SMALL);
    }

    private byte[] local(String out) throws IOException {
        Kemu.run(dir, "campaign", "c.yaml", "--out", out).withCode(1);
        return Files.readAllBytes(dir.resolve(out + "/campaign.json"));
    }

    @Test
    void shouldRefuseClustersThatAreNotThere() throws IOException {
        Path empty = Files.createDirectories(dir.resolve("bin"));
        for (String word : List.of("slurm needs sbatch", "kubernetes needs kubectl")) {
            String engine = word.substring(0, word.indexOf(' '));
            try (Kemu kemu =
                    Kemu.in(dir).with("PATH", empty.toString()).run("campaign", "c.yaml", "--engine", engine)) {
                kemu.ended().withCode(2).sayingOnly(word);
            }
        }
    }

    /** A cell whose process is killed from outside is named and run again. */
    @Test
    void shouldRunAgainWhatWasKilled() throws IOException, InterruptedException {
        byte[] whole = local("whole");
        try (Kemu kemu = Kemu.in(dir).run("campaign", "c.yaml", "--out", "out", "--parallel", "1")) {
            assertTrue(kill("root-reread --seed 3"), "no such process");
            Kemu.Ended ended =
                    kemu.ended().withCode(1).saying("is lost: rmap-hang-child.root-reread.s3 ended by signal 9");
            assertEquals("1", ended.summary().get("reruns"));
            assertEquals("0", ended.summary().get("lost"));
        }
        assertArrayEquals(whole, Files.readAllBytes(dir.resolve("out/campaign.json")));
    }

    /** Kills a process of this user whose command line holds {@code part}, and is below this folder. */
    private boolean kill(String part) throws InterruptedException {
        for (long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(3); System.nanoTime() < end; ) {
            List<ProcessHandle> found = ProcessHandle.allProcesses()
                    .filter(one -> {
                        String line = one.info()
                                .arguments()
                                .map(words -> String.join(" ", words))
                                .orElse("");
                        return line.contains(part)
                                && line.contains(dir.toString())
                                && line.contains("kemu.cli.Main check");
                    })
                    .toList();
            if (!found.isEmpty()) {
                return found.get(0).destroyForcibly();
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        return false;
    }

    /** A driver that is gone leaves no child behind, which would write where the next one does. */
    @Test
    void shouldLeaveNoChildBehind() throws IOException, InterruptedException {
        Files.writeString(dir.resolve("long.yaml"), "name: long\nworkloads: forkstorm\nduration: 1h\n");
        Path log = dir.resolve("out/cells/forkstorm/log.txt");
        try (Kemu kemu = Kemu.in(dir).run("campaign", "long.yaml", "--out", "out")) {
            kemu.awaitFile(log);
            assertEquals(1, children().size());
            kemu.signal("KILL");
        }
        for (long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
                !children().isEmpty(); ) {
            assertTrue(System.nanoTime() < end, "a child runs on");
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    private List<ProcessHandle> children() {
        return ProcessHandle.allProcesses()
                .filter(one -> {
                    String line = String.join(" ", one.info().arguments().orElse(new String[0]));
                    return line.contains(dir.toString()) && line.contains("kemu.cli.Main run forkstorm");
                })
                .toList();
    }

    /** Ctrl-C ends the children, keeps what is recorded, and the next call goes on. */
    @Test
    void shouldGoOnAfterASignal() throws IOException {
        byte[] whole = local("whole");
        Path first = dir.resolve("out/cells/rmap-hang-child.root-recheck.s3/cell.json");
        try (Kemu kemu = Kemu.in(dir).run("campaign", "c.yaml", "--out", "out", "--parallel", "1")) {
            Kemu.Ended ended = kemu.awaitFile(first).signal("INT").ended();
            assertEquals("true", ended.summary().get("interrupted"), ended::toString);
            assertTrue(ended.out().contains("without a result: "), ended::toString);
        }
        Kemu.Ended rest = Kemu.run(dir, "campaign", "c.yaml", "--out", "out").withCode(1);
        assertTrue(Integer.parseInt(rest.summary().get("kept")) >= 1, rest::toString);
        assertArrayEquals(whole, Files.readAllBytes(dir.resolve("out/campaign.json")));
    }

    private static boolean answers(String conf) throws IOException, InterruptedException {
        if (!Files.isRegularFile(Path.of(conf))) {
            return false;
        }
        ProcessBuilder asked = new ProcessBuilder("sh", "-c", "scontrol ping | grep -q 'is UP'");
        asked.environment().put("SLURM_CONF", conf);
        return asked.start().waitFor() == 0;
    }

    @Test
    void shouldRunOnSlurm() throws IOException, InterruptedException {
        String conf = System.getenv("SLURM_CONF");
        if (conf == null) {
            conf = System.getProperty("java.io.tmpdir") + "/kemu-slurm/slurm.conf";
        }
        assumeTrue(answers(conf), "no Slurm here that answers (it/slurm start installs and starts one)");
        byte[] whole = local("whole");
        try (Kemu kemu =
                Kemu.in(dir).with("SLURM_CONF", conf).run("campaign", "c.yaml", "--out", "out", "--engine", "slurm")) {
            assertTrue(kill("root-reread --seed 3"), "no such process");
            Kemu.Ended ended = kemu.ended();
            ended.withCode(1);
            assertEquals("0", ended.summary().get("lost"), ended::toString);
        }
        assertArrayEquals(whole, Files.readAllBytes(dir.resolve("out/campaign.json")));
    }

    /** kubectl is a script here that records what it is given, and hands out results made before. */
    @Test
    void shouldTellKubernetes() throws IOException {
        byte[] whole = local("whole");
        Path bin = Files.createDirectories(dir.resolve("bin"));
        Path calls = dir.resolve("calls");
        Path kubectl = Files.writeString(bin.resolve("kubectl"), """
                #!/bin/sh
                echo "$*" >>%s
                case $1 in
                    get) echo '{"status":{"succeeded":4,"conditions":[{"type":"Complete","status":"True"}]}}' ;;
                    cp) mkdir -p "$3" && cp -r %s/cells "$3" ;;
                esac
                """.formatted(calls, dir.resolve("whole")));
        assertTrue(kubectl.toFile().setExecutable(true));
        String path = bin + ":" + System.getenv("PATH");
        try (Kemu kemu = Kemu.in(dir)
                .with("PATH", path)
                .run("campaign", "c.yaml", "--out", "out", "--engine", "kubernetes", "--parallel", "2")) {
            kemu.ended().withCode(1);
        }
        assertArrayEquals(whole, Files.readAllBytes(dir.resolve("out/campaign.json")));
        List<String> verbs = Files.readAllLines(calls).stream()
                .map(line -> line.split(" ")[0])
                .toList();
        assertEquals(List.of("apply", "get", "apply", "wait", "cp", "delete", "delete"), verbs);
        String job = Files.readString(dir.resolve("out/kubernetes/job.json"));
        assertTrue(job.contains("\"completions\" : 4") && job.contains("\"parallelism\" : 2"), job);
        assertTrue(job.contains("strategies: {anon-vma: [root-recheck, root-reread]}"), job);
    }

    /** What a pod would find on its volume, were it lost on the way: named, and the exit code says it is open. */
    @Test
    void shouldNameWhatKubernetesHasLost() throws IOException {
        local("whole");
        try (Stream<Path> files = Files.walk(dir.resolve("whole/cells/rmap-hang-child.root-recheck.s4"))) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        }
        Path bin = Files.createDirectories(dir.resolve("bin"));
        Path kubectl = Files.writeString(bin.resolve("kubectl"), """
                #!/bin/sh
                case $1 in
                    get) echo '{"status":{"succeeded":3,"conditions":[{"type":"Failed","status":"True"}]}}' ;;
                    cp) mkdir -p "$3" && cp -r %s/cells "$3" ;;
                esac
                """.formatted(dir.resolve("whole")));
        assertTrue(kubectl.toFile().setExecutable(true));
        String path = bin + ":" + System.getenv("PATH");
        try (Kemu kemu =
                Kemu.in(dir).with("PATH", path).run("campaign", "c.yaml", "--out", "out", "--engine", "kubernetes")) {
            Kemu.Ended ended = kemu.ended().withCode(1).sayingOnly("shard 2/4 is lost: left no result on the volume");
            assertEquals("1", ended.summary().get("lost"));
        }
    }
}
