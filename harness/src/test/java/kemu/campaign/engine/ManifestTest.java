package kemu.campaign.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import kemu.campaign.CampaignFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clusters are told, by its content: no cluster is asked. */
class ManifestTest {
    @TempDir
    private Path dir;

    @Test
    void shouldWriteAnIndexedJob() throws IOException {
        String text = """
                name: hunt
                scenarios: rmap-hang-child
                seeds: 1..9
                retries: 2
                kubernetes: {image: "registry/kemu:1", namespace: lab, claim: soaks}
                """;
        Path yaml = Files.writeString(dir.resolve("c.yaml"), text);
        KubernetesManifest manifest = new KubernetesManifest(CampaignFile.read(yaml), "kemu-hunt-1f", 2);
        Path file = dir.resolve("job.json");
        manifest.writeJob(file, text, List.of(2, 5, 9), 7);
        String json = Files.readString(file);
        for (String part : List.of(
                "\"kind\" : \"ConfigMap\"",
                "\"apiVersion\" : \"batch/v1\"",
                "\"name\" : \"kemu-hunt-1f-7\"",
                "\"namespace\" : \"lab\"",
                "\"completionMode\" : \"Indexed\"",
                "\"completions\" : 3",
                "\"parallelism\" : 2",
                "\"backoffLimitPerIndex\" : 2",
                "\"maxFailedIndexes\" : 3",
                "\"restartPolicy\" : \"Never\"",
                "\"image\" : \"registry/kemu:1\"",
                "\"claimName\" : \"soaks\"",
                "set -- 2 5 9; shift \\\"$JOB_COMPLETION_INDEX\\\"; /kemu/kemu campaign /campaign/campaign.yaml --shard"
                        + " \\\"$1/9\\\" --out /results/kemu-hunt-1f")) {
            assertTrue(json.contains(part), () -> part + " in " + json);
        }
        manifest.writeCollector(file);
        String pod = Files.readString(file);
        assertTrue(pod.contains("\"kind\" : \"Pod\"") && pod.contains("\"readOnly\" : true"), pod);
    }

    @Test
    void shouldNameTasksAsSlurmTakesThem() {
        assertEquals("1-3,7,9-10", SlurmEngine.ranges(new TreeSet<>(List.of(1, 2, 3, 7, 9, 10))));
        assertEquals("4", SlurmEngine.ranges(new TreeSet<>(List.of(4))));
    }
}
