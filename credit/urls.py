from __future__ import annotations

from django.urls import path

from credit.views import applications, customers, desk, order_files, orders, portfolio

urlpatterns = [
    # The desk, customers and their papers.
    path("", desk.desk, name="credit_desk"),
    path("customers/", customers.customer_list, name="credit_customers"),
    path("customers/new/", customers.customer_new, name="credit_customer_new"),
    path("customers/<key:pk>/", customers.customer_one, name="credit_customer"),
    # Applications, from draft to analysis.
    path("applications/<key:pk>/", applications.application_one, name="credit_application"),
    # Scores, decisions, letters and policies.
    # Agreements, limits, stops and reviews.
    # Orders and the portfolio.
    path("orders/", orders.order_list, name="credit_orders"),
    path("orders/files/", order_files.order_files, name="credit_order_files"),
    path("orders/files/<key:pk>/", order_files.order_file, name="credit_order_file"),
    path("orders/files/<key:pk>.<str:form>", order_files.order_file_download, name="credit_order_file_download"),
    path("orders/<key:pk>/", orders.order_one, name="credit_order"),
    path("orders/<key:pk>/override/", orders.order_override_do, name="credit_order_override"),
    path("orders/<key:pk>/cancel/", orders.order_cancel_do, name="credit_order_cancel"),
    path("orders/<key:pk>/invoice/", orders.order_invoice_do, name="credit_order_invoice"),
    path("customers/<key:pk>/orders/new/", orders.order_new, name="credit_order_new"),
    path("portfolio/", portfolio.portfolio, name="credit_portfolio"),
    path("portfolio/customers/", portfolio.portfolio_rows_page, name="credit_portfolio_rows"),
    path("portfolio/customers.csv", portfolio.portfolio_csv, name="credit_portfolio_csv"),
]
