package kemu.campaign;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kemu.campaign.CellResult.Outcome;
import kemu.host.SafeFiles;
import kemu.report.Provenance;
import kemu.report.Verdict;

/** All that was found in a campaign, in the order of its cells, whoever found it and when. */
public final class CampaignResults {
    private final Campaign campaign;
    private final CampaignFolder folder;
    private final Map<CampaignCell, CellResult> results = new LinkedHashMap<>();

    /** What {@code folder} has now; {@code lost} says of shards how they were lost. */
    public CampaignResults(Campaign campaign, CampaignFolder folder, Map<Integer, String> lost) {
        this.campaign = campaign;
        this.folder = folder;
        int index = 0;
        for (CampaignCell cell : campaign.cells()) {
            CellResult result = folder.read(cell);
            int shard = index++ % campaign.shards() + 1;
            results.put(cell, result != null ? result : CellResult.missing(cell, lost.get(shard)));
        }
    }

    /** Every cell with what was found. */
    public Map<CampaignCell, CellResult> results() {
        return results;
    }

    Campaign campaign() {
        return campaign;
    }

    CampaignFolder folder() {
        return folder;
    }

    /** How many cells have come to {@code outcome}. */
    public long count(Outcome outcome) {
        return results.values().stream().filter(one -> one.verdict() == outcome).count();
    }

    /** FAIL if a cell has failed; PASS if all have passed. */
    public Verdict verdict() {
        return count(Outcome.FAIL) > 0
                ? Verdict.FAIL
                : count(Outcome.PASS) == results.size() ? Verdict.PASS : Verdict.UNKNOWN;
    }

    /** The pairs of the summary after the verdict. */
    public String counts() {
        StringBuilder text = new StringBuilder("cells=" + results.size() + " shards=" + campaign.shards());
        counted()
                .forEach((key, outcome) ->
                        text.append(' ').append(key).append('=').append(count(outcome)));
        return text.toString();
    }

    private static Map<String, Outcome> counted() {
        Map<String, Outcome> keys = new LinkedHashMap<>();
        keys.put("passed", Outcome.PASS);
        keys.put("failed", Outcome.FAIL);
        keys.put("unknown", Outcome.UNKNOWN);
        keys.put("errors", Outcome.ERROR);
        keys.put("lost", Outcome.LOST);
        keys.put("not_run", Outcome.NOT_RUN);
        return keys;
    }

    /** The names of shards that have cells without a result. */
    public List<String> open() {
        List<String> names = new ArrayList<>();
        for (int shard = 1; shard <= campaign.shards(); shard++) {
            boolean open = campaign.cellsOf(shard).stream()
                    .map(results::get)
                    .anyMatch(one -> one.verdict() == Outcome.LOST || one.verdict() == Outcome.NOT_RUN);
            if (open) {
                names.add(campaign.shardName(shard));
            }
        }
        return names;
    }

    /** Writes {@code campaign.json} and {@code report.html}. */
    public void write() {
        tryTo("campaign.json", this::json);
        tryTo("report.html", file -> CampaignHtml.write(file, this));
    }

    private interface Body {
        void write(Path file) throws IOException;
    }

    private void tryTo(String name, Body body) {
        Path file = folder.path().resolve(name);
        try {
            body.write(file);
        } catch (IOException full) {
            System.err.println("kemu: " + file + ": not written: " + SafeFiles.reason(full));
        }
    }

    private void json(Path file) throws IOException {
        SafeFiles.writeText(file, out -> {
            try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
                json.useDefaultPrettyPrinter();
                json.writeStartObject();
                json.writeNumberField("schema", CellResult.SCHEMA);
                json.writeStringField("verb", "campaign");
                json.writeStringField("name", campaign.name());
                json.writeStringField("version", Provenance.version());
                json.writeStringField("commit", Provenance.commit());
                json.writeStringField("verdict", verdict().name());
                json.writeNumberField("cells", results.size());
                json.writeNumberField("shards", campaign.shards());
                for (Map.Entry<String, Outcome> key : counted().entrySet()) {
                    json.writeNumberField(key.getKey(), count(key.getValue()));
                }
                json.writeArrayFieldStart("table");
                for (Map.Entry<CampaignCell, CellResult> one : results.entrySet()) {
                    cell(json, one.getKey(), one.getValue());
                }
                json.writeEndArray();
                json.writeEndObject();
                json.writeRaw('\n');
            }
        });
    }

    private void cell(JsonGenerator json, CampaignCell cell, CellResult result) throws IOException {
        json.writeStartObject();
        json.writeStringField("cell", cell.id());
        json.writeStringField("row", cell.row());
        if (!cell.column().isEmpty()) {
            json.writeStringField("model", cell.column());
        }
        json.writeStringField("command", String.join(" ", cell.arguments()));
        result.writeFields(json);
        String schedule = result.verdict() == Outcome.FAIL ? folder.schedule(cell) : null;
        if (schedule != null) {
            json.writeStringField("schedule", schedule);
        }
        json.writeEndObject();
    }
}
