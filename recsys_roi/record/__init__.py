"""What people wrote: saved scenarios, locked plans, attestations, waivers and the trail of every change."""
