package kemu.campaign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import kemu.option.UsageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CampaignFileTest {
    @TempDir
    private Path dir;

    private Campaign read(String text) throws IOException {
        return CampaignFile.read(Files.writeString(dir.resolve("c.yaml"), text));
    }

    @Test
    void shouldSpanTheMatrix() throws IOException {
        Campaign campaign = read("""
                name: hunt
                scenarios: [rmap-hang-child, rmap-hang-root]
                strategies:
                  anon-vma: [root-recheck, root-reread]
                models: [sc, tso]
                seeds: [1..3, 9]
                search: pct
                executions: 40
                budget: 10s
                options: [--counters]
                plugins: mine.jar
                shards: 5
                """);
        assertEquals(2 * 2 * 2 * 4, campaign.cells().size());
        CampaignCell first = campaign.cells().get(0);
        assertEquals("rmap-hang-child.root-recheck.sc.s1", first.id());
        String jar = dir.resolve("mine.jar").toAbsolutePath().toString();
        String typed = "check rmap-hang-child --anon-vma root-recheck --model sc --seed 1 --search pct --executions 40"
                + " --budget 10s --counters --plugin ";
        assertEquals(typed + jar, String.join(" ", first.arguments()));
        assertEquals(80_000, campaign.limitMillis());
        assertEquals(4, campaign.lines().get("--anon-vma"));
        assertEquals(10, campaign.lines().get("--counters"));
    }

    @Test
    void shouldGiveEveryCellToOneShard() throws IOException {
        Campaign campaign = read("name: a\nworkloads: kbuild\nseeds: 1..17\nduration: 1s\nshards: 5\n");
        List<CampaignCell> all = new ArrayList<>();
        for (int shard = 1; shard <= 5; shard++) {
            for (CampaignCell cell : campaign.cellsOf(shard)) {
                assertEquals(shard, campaign.shardOf(cell));
                all.add(cell);
            }
        }
        Set<CampaignCell> once = new HashSet<>(all);
        assertEquals(17, all.size());
        assertEquals(new HashSet<>(campaign.cells()), once);
        assertEquals(
                List.of("run", "kbuild", "--seed", "1", "--duration", "1s"),
                campaign.cells().get(0).arguments());
    }

    /** What is wrong, by line and key, and what is allowed. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            name: a;scenario: [x]                      | c.yaml:2: unknown key 'scenario' (did you mean 'scenarios'?
            name: A                                    | c.yaml:1: name: 'A' (allowed: small letters
            scenarios: x                               | c.yaml:1: name: is missing
            name: a;name: b                            | c.yaml:2: name: given twice
            name: a                                    | c.yaml:1: scenarios: is missing (or workloads)
            name: a;scenarios: x;workloads: y          | c.yaml:3: workloads: beside scenarios
            name: a;scenarios: x;duration: 1s          | c.yaml:3: duration: is of workloads only
            name: a;workloads: x;models: sc            | c.yaml:3: models: is of scenarios only
            name: a;scenarios: x;budget: 5             | c.yaml:3: budget: '5' (allowed: a time such as
            name: a;scenarios: x;seeds: 1..z           | c.yaml:3: seeds: '1..z' (allowed: a whole number
            name: a;scenarios: x;seeds: [1, 1]         | two cells are x.s1
            name: a;scenarios: x;seeds: 1..999999      | c.yaml:3: seeds: '1..999999' (allowed: 1 to 10000
            name: a;scenarios: x;shards: 2             | c.yaml:3: shards: 2 (allowed: 1..1)
            name: a;scenarios: x;retries: -1           | c.yaml:3: retries: -1 (allowed: 0..100)
            name: a;scenarios: x;strategies: {lock: a} | c.yaml:3: unknown key 'lock' (
            name: a;scenarios: x;options: [--out=y]    | c.yaml:3: options: '--out=y' is not for a campaign
            name: a;scenarios: [[x]]                   | c.yaml:2: scenarios: a list of single values
            name: a;scenarios: []                      | c.yaml:2: scenarios: is empty
            name: a;scenarios: x;kubernetes: {image: i}| c.yaml:3: kubernetes: claim is missing
            name: [                                    | c.yaml:2: no YAML
            - a                                        | c.yaml:1: no map of keys
            """)
    void shouldNameTheLine(String text, String message) {
        UsageException told = assertThrows(UsageException.class, () -> read(text.replace(';', '\n') + "\n"));
        assertTrue(told.getMessage().contains(message), told::getMessage);
        assertEquals(1, told.getMessage().lines().count());
    }

    @Test
    void shouldRefuseWhatIsNoText() throws IOException {
        Path file = Files.write(dir.resolve("c.yaml"), new byte[] {(byte) 0xff, 0, 1});
        assertThrows(UsageException.class, () -> CampaignFile.read(file));
        assertThrows(UsageException.class, () -> read(""));
        assertThrows(UsageException.class, () -> read("[".repeat(500_000)));
        assertThrows(UsageException.class, () -> read("#".repeat(2 << 20)));
        assertThrows(UsageException.class, () -> CampaignFile.read(dir));
    }
}
