/**
 * Campaigns: a matrix of checks or runs, told by a YAML file, its results, and what is made of them.
 *
 * <p>Entry classes: {@link kemu.campaign.CampaignFile} reads the matrix, {@link kemu.campaign.ShardRunner} does a part
 * of it, {@link kemu.campaign.CampaignFolder} keeps results, a file for each cell, so that they merge in any order;
 * {@link kemu.campaign.CampaignTable} and {@link kemu.campaign.CampaignHtml} show them. Where shards run is for
 * {@link kemu.campaign.engine}. Locks: none; a cell is written by whoever runs it.
 */
package kemu.campaign;
