"""Cards and the work they do: clusters, services, queues, jobs, links."""
