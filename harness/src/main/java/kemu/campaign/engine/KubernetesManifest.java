package kemu.campaign.engine;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import kemu.campaign.Campaign;
import kemu.host.SafeFiles;
import kemu.host.Shell;

/**
 * What Kubernetes is told, in JSON, which it takes as well as YAML: a config map with the campaign's file, an Indexed
 * Job with a completion for each shard, and a pod that shows the results until they are collected.
 */
final class KubernetesManifest {
    private static final String RESULTS = "/results";

    private final Campaign campaign;
    /** Of the campaign and its directory; of the job with a number. */
    private final String name;

    private final int parallel;

    KubernetesManifest(Campaign campaign, String name, int parallel) {
        this.campaign = campaign;
        this.name = name;
        this.parallel = parallel;
    }

    /** Where the results are, in any pod. */
    String results() {
        return RESULTS + "/" + name;
    }

    /** Name of the job that is the {@code number}-th of this campaign. */
    String job(int number) {
        return name + "-" + number;
    }

    /** Name of the pod that results are collected from. */
    String collector() {
        return name + "-collect";
    }

    private interface Body {
        void write(JsonGenerator json) throws IOException;
    }

    private static void write(Path file, Body body) throws IOException {
        SafeFiles.writeText(file, out -> {
            try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
                json.useDefaultPrettyPrinter();
                body.write(json);
                json.writeRaw('\n');
            }
        });
    }

    /** Writes the config map, which holds {@code text}, and the job for {@code shards}, the {@code number}-th. */
    void writeJob(Path file, String text, List<Integer> shards, int number) throws IOException {
        write(file, json -> {
            json.writeStartObject();
            json.writeStringField("apiVersion", "v1");
            json.writeStringField("kind", "List");
            json.writeArrayFieldStart("items");
            json.writeStartObject();
            head(json, "v1", "ConfigMap", name);
            json.writeObjectFieldStart("data");
            json.writeStringField("campaign.yaml", text);
            json.writeEndObject();
            json.writeEndObject();
            json.writeStartObject();
            head(json, "batch/v1", "Job", job(number));
            job(json, shards);
            json.writeEndObject();
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private void head(JsonGenerator json, String version, String kind, String called) throws IOException {
        json.writeStringField("apiVersion", version);
        json.writeStringField("kind", kind);
        json.writeObjectFieldStart("metadata");
        json.writeStringField("name", called);
        if (campaign.kubernetes().namespace() != null) {
            json.writeStringField("namespace", campaign.kubernetes().namespace());
        }
        json.writeObjectFieldStart("labels");
        json.writeStringField("app", "kemu");
        json.writeStringField("campaign", campaign.name());
        json.writeEndObject();
        json.writeEndObject();
    }

    private void job(JsonGenerator json, List<Integer> shards) throws IOException {
        json.writeObjectFieldStart("spec");
        json.writeStringField("completionMode", "Indexed");
        json.writeNumberField("completions", shards.size());
        json.writeNumberField("parallelism", parallel > 0 ? Math.min(parallel, shards.size()) : shards.size());
        json.writeNumberField("backoffLimitPerIndex", campaign.retries());
        // One shard that cannot be done does not end the others.
        json.writeNumberField("maxFailedIndexes", shards.size());
        json.writeObjectFieldStart("template");
        json.writeObjectFieldStart("spec");
        json.writeStringField("restartPolicy", "Never");
        // A violation (1) and an open end (3) are results; a pod fails only if it has none.
        String numbers = shards.stream().map(String::valueOf).collect(Collectors.joining(" "));
        String script = "set -- " + numbers + "; shift \"$JOB_COMPLETION_INDEX\"; /kemu/kemu campaign"
                + " /campaign/campaign.yaml --shard \"$1/" + campaign.shards() + "\" --out " + Shell.quote(results())
                + "; code=$?; [ $code = 0 ] || [ $code = 1 ] || [ $code = 3 ]";
        container(json, script, false);
        json.writeArrayFieldStart("volumes");
        json.writeStartObject();
        json.writeStringField("name", "campaign");
        json.writeObjectFieldStart("configMap");
        json.writeStringField("name", name);
        json.writeEndObject();
        json.writeEndObject();
        claim(json, false);
        json.writeEndArray();
        json.writeEndObject();
        json.writeEndObject();
        json.writeEndObject();
    }

    private void container(JsonGenerator json, String script, boolean collects) throws IOException {
        json.writeArrayFieldStart("containers");
        json.writeStartObject();
        json.writeStringField("name", "kemu");
        json.writeStringField("image", campaign.kubernetes().image());
        json.writeArrayFieldStart("command");
        for (String word : List.of("/bin/sh", "-c", script)) {
            json.writeString(word);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("volumeMounts");
        if (!collects) {
            mount(json, "campaign", "/campaign", true);
        }
        mount(json, "results", RESULTS, collects);
        json.writeEndArray();
        json.writeEndObject();
        json.writeEndArray();
    }

    private static void mount(JsonGenerator json, String volume, String path, boolean readOnly) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", volume);
        json.writeStringField("mountPath", path);
        json.writeBooleanField("readOnly", readOnly);
        json.writeEndObject();
    }

    private void claim(JsonGenerator json, boolean readOnly) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", "results");
        json.writeObjectFieldStart("persistentVolumeClaim");
        json.writeStringField("claimName", campaign.kubernetes().claim());
        json.writeBooleanField("readOnly", readOnly);
        json.writeEndObject();
        json.writeEndObject();
    }

    /** Writes the pod that does nothing but mount the results, for at most an hour. */
    void writeCollector(Path file) throws IOException {
        write(file, json -> {
            json.writeStartObject();
            head(json, "v1", "Pod", collector());
            json.writeObjectFieldStart("spec");
            json.writeStringField("restartPolicy", "Never");
            json.writeNumberField("activeDeadlineSeconds", 3600);
            container(json, "sleep 3600", true);
            json.writeArrayFieldStart("volumes");
            claim(json, true);
            json.writeEndArray();
            json.writeEndObject();
            json.writeEndObject();
        });
    }
}
