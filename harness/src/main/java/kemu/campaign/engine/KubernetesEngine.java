package kemu.campaign.engine;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kemu.campaign.Campaign;
import kemu.campaign.CampaignCell;
import kemu.campaign.CampaignFolder;
import kemu.campaign.CellResult;
import kemu.campaign.engine.Engines.Work;
import kemu.host.SafeFiles;
import kemu.host.Stop;
import kemu.option.UsageException;

/**
 * Runs shards as an Indexed Job of Kubernetes: writes the manifest, applies it by {@code kubectl}, waits for the job,
 * and copies what its pods have left on their common volume. The cluster tries a lost shard again by itself; what is
 * still missing in the end is named.
 */
final class KubernetesEngine implements ShardEngine {
    private static final long POLL_MILLIS = 3_000;
    private static final long COMMAND_SECONDS = 120;
    private static final long COPY_SECONDS = 3_600;

    private final Work work;
    private final Campaign campaign;

    KubernetesEngine(Work work) {
        this.work = work;
        campaign = work.campaign();
    }

    @Override
    public void require(int shards) {
        HostCommand.require("kubernetes", "kubectl");
        if (campaign.kubernetes() == null) {
            throw new UsageException(
                    campaign.file() + ": kubernetes: is missing (allowed: a map of image, claim and namespace)");
        }
    }

    @Override
    public void run(List<Integer> shards) throws InterruptedException {
        KubernetesManifest manifest = new KubernetesManifest(campaign, work.jobName(), work.parallel());
        Path file = work.folder().path().resolve("kubernetes/job.json");
        // Jobs do not change once they are made: each call has one of its own.
        int number = (int) (System.currentTimeMillis() / 1000 % 1_000_000);
        String job = manifest.job(number);
        try {
            manifest.writeJob(file, Files.readString(campaign.file()), shards, number);
        } catch (IOException failed) {
            throw new UsageException("--engine: kubernetes: " + file + ": not written: " + SafeFiles.reason(failed));
        }
        HostCommand.Ended applied = kubectl(COMMAND_SECONDS, "apply", "-f", file.toString());
        if (!applied.worked()) {
            throw new UsageException("--engine: kubernetes: kubectl apply: " + applied.line());
        }
        await(job, shards.size());
        if (Stop.requested()) {
            kubectl(COMMAND_SECONDS, "delete", "job", job, "--wait=true");
        }
        String failed = collect(manifest);
        tell(shards, failed == null ? "left no result on the volume" : failed);
        if (failed == null) {
            kubectl(COMMAND_SECONDS, "delete", "-f", file.toString(), "--ignore-not-found");
        }
    }

    private HostCommand.Ended kubectl(long seconds, String... arguments) throws InterruptedException {
        List<String> command = new ArrayList<>(List.of("kubectl"));
        if (campaign.kubernetes().namespace() != null) {
            command.add("--namespace=" + campaign.kubernetes().namespace());
        }
        command.addAll(List.of(arguments));
        return HostCommand.run(command, seconds);
    }

    /** Waits until {@code job} has ended, or this process is told to. */
    private void await(String job, int shards) throws InterruptedException {
        boolean complained = false;
        int before = 0;
        while (!Stop.requested()) {
            HostCommand.Ended got = kubectl(COMMAND_SECONDS, "get", "job", job, "--output=json");
            Status status = got.worked() ? Status.of(got.said()) : null;
            if (status == null) {
                if (!complained) {
                    System.err.println("kemu: kubectl get job: " + got.line() + " (asked again)");
                }
                complained = true;
            } else {
                complained = false;
                int ended = Math.min(shards, status.succeeded);
                work.watch().away(ended - before);
                before = ended;
                if (status.over) {
                    return;
                }
            }
            for (int i = 0; i < 20 && !Stop.requested(); i++) {
                Thread.sleep(POLL_MILLIS / 20);
            }
        }
    }

    /** What a job says of itself: how many shards have succeeded, and whether it has ended, well or not. */
    private record Status(int succeeded, boolean over) {
        static Status of(String text) {
            int succeeded = 0;
            boolean over = false;
            boolean inStatus = false;
            String type = "";
            String holds = "";
            int depth = 0;
            try (JsonParser json = new JsonFactory().createParser(text)) {
                for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
                    depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
                    String key = json.currentName();
                    if (depth == 1 && token == JsonToken.FIELD_NAME) {
                        inStatus = key.equals("status");
                    }
                    if (!inStatus || !token.isScalarValue() && token != JsonToken.END_OBJECT) {
                        continue;
                    }
                    if (token == JsonToken.END_OBJECT) {
                        over |= holds.equals("True") && (type.equals("Complete") || type.equals("Failed"));
                        type = "";
                        holds = "";
                    } else if (depth == 2 && "succeeded".equals(key)) {
                        succeeded = json.getIntValue();
                    } else if ("type".equals(key)) {
                        type = json.getText();
                    } else if ("status".equals(key)) {
                        holds = json.getText();
                    }
                }
                return new Status(succeeded, over);
            } catch (IOException other) {
                return null;
            }
        }
    }

    /** Copies what is on the volume to this directory; what is against it, or null. */
    private String collect(KubernetesManifest manifest) throws InterruptedException {
        Path folder = work.folder().path().resolve("kubernetes");
        Path pod = folder.resolve("collect.json");
        Path copied = folder.resolve("collected");
        try {
            manifest.writeCollector(pod);
        } catch (IOException failed) {
            return pod + ": not written: " + SafeFiles.reason(failed);
        }
        String name = manifest.collector();
        List<HostCommand.Ended> steps = new ArrayList<>();
        steps.add(kubectl(COMMAND_SECONDS, "apply", "-f", pod.toString()));
        if (steps.getLast().worked()) {
            steps.add(kubectl(COMMAND_SECONDS * 3, "wait", "--for=condition=Ready", "pod/" + name, "--timeout=300s"));
        }
        if (steps.getLast().worked()) {
            steps.add(kubectl(COPY_SECONDS, "cp", name + ":" + manifest.results(), copied.toString()));
        }
        kubectl(COMMAND_SECONDS, "delete", "pod", name, "--ignore-not-found", "--wait=false");
        if (!steps.getLast().worked()) {
            return "results cannot be collected: kubectl: " + steps.getLast().line();
        }
        try {
            work.folder().merge(new CampaignFolder(copied), campaign.cells());
            return null;
        } catch (IOException failed) {
            return copied + ": cannot be taken over: " + SafeFiles.reason(failed);
        }
    }

    /** Tells what has come, and names the shards that have not. */
    private void tell(List<Integer> shards, String why) {
        for (int shard : shards) {
            boolean all = true;
            for (CampaignCell cell : campaign.cellsOf(shard)) {
                CellResult result = work.folder().read(cell);
                if (result != null) {
                    work.watch().ended(cell, result);
                }
                all &= result != null;
            }
            if (!all && !Stop.requested()) {
                work.watch().lost(shard, why, false);
            }
        }
    }
}
