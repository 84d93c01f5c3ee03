package kemu.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plugin.example.Rogue;

/** Campaigns on this machine, each cell a process of its own. */
class CampaignCommandTest {
    @TempDir
    private Path dir;

    private ClassLoader before;

    @BeforeEach
    void keep() {
        before = Thread.currentThread().getContextClassLoader();
    }

    @AfterEach
    void putBack() {
        Thread.currentThread().setContextClassLoader(before);
    }

    private Path file(String... lines) throws IOException {
        return Files.writeString(dir.resolve("c.yaml"), String.join("\n", lines) + "\n");
    }

    private InProcess.Said campaign(Path file, Path out, String... more) {
        List<String> words = new ArrayList<>(List.of("campaign", file.toString(), "--out", out.toString()));
        words.addAll(List.of(more));
        return InProcess.execute(words.toArray(String[]::new));
    }

    private Path small() throws IOException {
        return file(
                "name: small",
                "scenarios: rmap-hang-child",
                "strategies: {anon-vma: [root-recheck, root-reread]}",
                "search: pct",
                "seeds: [3, 4]",
                "executions: 50");
    }

    /** Shards in any order and in any directories make the same bytes as the whole at once, and nothing runs twice. */
    @Test
    void shouldMergeShardsInAnyOrder() throws IOException {
        Path file = small();
        InProcess.Said whole = campaign(file, dir.resolve("whole"));
        assertEquals(1, whole.code(), whole::toString);
        assertTrue(whole.out().contains("rmap-hang-child root-recheck  all 2 UNKNOWN"), whole::toString);
        assertTrue(whole.out().contains("root-reread   1 FAIL hang, 1 UNKNOWN"), whole::toString);
        assertTrue(whole.out().contains("replay: ./kemu replay "), whole::toString);
        byte[] json = Files.readAllBytes(dir.resolve("whole/campaign.json"));
        for (String shard : List.of("2/2", "1/2")) {
            InProcess.Said part = campaign(file, dir.resolve("part" + shard.charAt(0)), "--shard", shard);
            assertTrue(
                    part.out().contains(" shard=" + shard + " ") && part.out().contains(" ended=2 "), part::toString);
        }
        for (String order : List.of("12", "21")) {
            Path out = dir.resolve("merged" + order);
            InProcess.Said merged = campaign(
                    file, out, "--merge", dir + "/part" + order.charAt(0), "--merge", dir + "/part" + order.charAt(1));
            assertEquals(1, merged.code(), merged::toString);
            assertArrayEquals(json, Files.readAllBytes(out.resolve("campaign.json")));
            assertTrue(Files.isRegularFile(out.resolve("cells/rmap-hang-child.root-reread.s3/schedule.kemu")));
            String html = Files.readString(out.resolve("report.html"));
            assertTrue(html.contains("href=\"cells/rmap-hang-child.root-reread.s3/schedule.kemu\""), html);
        }
        InProcess.Said again = campaign(file, dir.resolve("whole"));
        assertTrue(again.out().contains(" kept=4 "), again::toString);
        assertArrayEquals(json, Files.readAllBytes(dir.resolve("whole/campaign.json")));
    }

    /** A shard that is not there is named; the next call runs it alone. */
    @Test
    void shouldNameAndRunWhatIsMissing() throws IOException {
        Path file = small();
        campaign(file, dir.resolve("part"), "--shard", "1/4");
        InProcess.Said merged = campaign(file, dir.resolve("all"), "--merge", dir + "/part");
        assertEquals(3, merged.code(), merged::toString);
        assertTrue(merged.out().contains("without a result: 2/4 3/4 4/4 "), merged::toString);
        assertTrue(merged.out().contains(" not_run=3 "), merged::toString);
        InProcess.Said rest = campaign(file, dir.resolve("all"));
        assertTrue(rest.out().contains(" not_run=0 kept=1 "), rest::toString);
    }

    /** What plugins do to their process is told by the cell's name, and the other cells go on. */
    @Test
    void shouldGoOnBesideCellsThatMisbehave() throws IOException {
        Path classes = dir.resolve("rogue");
        Path services = Files.createDirectories(classes.resolve("META-INF/services"));
        Files.writeString(services.resolve("kemu.check.scenario.Scenario"), Rogue.class.getName() + "\n");
        Path file = file("name: rogue", "scenarios: rogue", "variants: [behaves, throws, allocates]", "plugins: rogue");
        InProcess.Said said = campaign(file, dir.resolve("out"), "--parallel", "3");
        assertEquals(1, said.code(), said::toString);
        assertTrue(said.out().contains("rogue behaves    PASS"), said::toString);
        assertTrue(said.out().contains("FAIL plugin  rogue.throws: plugin scenario rogue "), said::toString);
        assertTrue(said.out().contains("FAIL plugin  rogue.allocates: plugin scenario rogue "), said::toString);
        assertTrue(said.out().contains("OutOfMemoryError"), said::toString);
        assertTrue(said.out().contains(" passed=1 failed=2 unknown=0 errors=0 lost=0 "), said::toString);
        file("name: rogue", "scenarios: rogue", "variants: loops", "budget: 1h", "limit: 3s", "plugins: rogue");
        said = campaign(file, dir.resolve("out"));
        assertEquals(3, said.code(), said::toString);
        assertTrue(said.out().contains("ERROR  rogue.loops: did not end within 3 s"), said::toString);
        assertTrue(said.out().contains(" errors=1 lost=0 "), said::toString);
        assertTrue(Files.size(dir.resolve("out/cells/rogue.loops/cell.json")) > 0);
    }

    /** One line that names file and line, and nothing is made or started. */
    @Test
    void shouldRefuseBeforeAnythingStarts() throws IOException {
        Path out = dir.resolve("out");
        Path file = file("name: a", "scenarios: rmap-hang-child", "strategies:", "  anon-vma: [root-rereed]");
        refused(campaign(file, out), "c.yaml:4: cell rmap-hang-child.root-rereed: --anon-vma: 'root-rereed' (did you");
        file("name: a", "scenarios: rmap-hang-chile");
        refused(campaign(file, out), "c.yaml:2: cell rmap-hang-chile: scenario: 'rmap-hang-chile' (did you mean");
        file("name: a", "workloads: [kbild]", "duration: 1s");
        refused(campaign(file, out), "c.yaml:2: cell kbild: workload: 'kbild' (did you mean 'kbuild'?");
        file("name: a", "workloads: [kbuild]", "duration: 1s", "options: [--memory, 1m]");
        refused(campaign(file, out), "c.yaml:4: cell kbuild: --memory: 1048576 bytes");
        file("name: a", "scenarios: rmap-hang-child", "models: [sc, vax]");
        refused(campaign(file, out), "c.yaml:3: cell rmap-hang-child.vax: --model: 'vax'");
        file("name: a", "scenarios: rmap-hang-child", "seeds: 1..4");
        refused(campaign(file, out, "--shard", "5/4"), "--shard: '5/4' (allowed: I/N");
        refused(campaign(file, out, "--shard", "1/9"), "N at most 4");
        refused(campaign(file, out, "--engine", "slum"), "--engine: 'slum' (did you mean 'slurm'?");
        refused(campaign(file, out, "--engine", "kubernetes"), "kube");
        refused(campaign(file, out, "--merge", dir.toString()), "is no directory of a campaign");
        refused(campaign(file, out, "--parallel", "0"), "--parallel: 0 (allowed: 1..");
        refused(campaign(dir.resolve("none.yaml"), out), "none.yaml: cannot be read");
        assertFalse(Files.exists(out));
    }

    private static void refused(InProcess.Said said, String part) {
        assertEquals(2, said.code(), said::toString);
        assertTrue(said.err().contains(part), said::toString);
        assertEquals(1, said.err().lines().count(), said::toString);
    }

    @Test
    void shouldPrintAScriptThatCompletes() {
        InProcess.Said said = InProcess.execute("completion");
        assertEquals(0, said.code());
        assertTrue(said.out().startsWith("#!/usr/bin/env bash"), said.out());
        for (String word : List.of("campaign", "--anon-vma", "--sarif", "kbuild")) {
            assertTrue(said.out().contains(word), word);
        }
    }
}
