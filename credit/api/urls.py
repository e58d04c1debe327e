"""Addresses of trade credit for clients' systems, beneath those of collection."""

from django.urls import path

from credit.api import orders, score

urlpatterns = [
    path("credit/score", score.CreditScore.as_view(), name="api_credit_score"),
    path("credit/orders", orders.Orders.as_view(), name="api_credit_orders"),
    path("credit/orders/check", orders.Check.as_view(), name="api_credit_order_check"),
    path("credit/orders/<path:order_ref>/invoice", orders.Invoice.as_view(), name="api_credit_order_invoice"),
    path("credit/orders/<path:order_ref>/cancel", orders.Cancel.as_view(), name="api_credit_order_cancel"),
    path("credit/orders/<path:order_ref>", orders.OneOrder.as_view(), name="api_credit_order"),
    path("credit/customers/<path:debtor_ref>", orders.Standing.as_view(), name="api_credit_customer"),
]
