output "hosts" {
  description = "Read by tsts hosts import."
  value = [for name in local.names : {
    name    = name
    address = aws_instance.host[name].public_ip
    user    = local.user
    port    = 22
  }]
}

output "ends_after_hours" {
  description = "Of each host, from its first start."
  value       = var.ttl_hours
}
