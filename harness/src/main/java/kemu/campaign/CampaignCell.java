package kemu.campaign;

import java.util.List;

/**
 * One cell of a campaign's matrix: one command of kemu.
 *
 * @param id what it is called, in its folder and everywhere; no other cell of the campaign has that name
 * @param row its subject and strategies, for tables
 * @param column its memory model, for tables; empty of runs
 * @param arguments the command without {@code --out}
 */
public record CampaignCell(String id, String row, String column, List<String> arguments) {}
